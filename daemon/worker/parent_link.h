#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "daemon/messages/worker_messages.h"
#include "daemon/process/message_channel.h"

namespace dinsd {

/// The worker's end of the socketpair. One thread.
class ParentLink {
 public:
  void Send(const FromWorker& message) const;

  struct Received {
    ToWorker message;
    UniqueFd folder;
  };

  /// Waits; nothing when the parent closed.
  [[nodiscard]] std::optional<Received> Receive() const;

  /// Tells progress (not more often than a few times a second) and answers whether to go on: false once the parent has
  /// cancelled `ticket`, or is gone.
  [[nodiscard]] bool ReportProgress(const JobTicket& ticket, const std::string& stage, double share);

 private:
  [[nodiscard]] bool IsCancelled(const JobTicket& ticket) const;

  std::string last_stage_;
  std::chrono::steady_clock::time_point last_report_{};
};

}  // namespace dinsd
