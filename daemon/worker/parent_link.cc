#include "daemon/worker/parent_link.h"

#include <poll.h>

#include <algorithm>

#include "daemon/process/child_process.h"

namespace dinsd {
namespace {

constexpr std::chrono::milliseconds kReportEvery{250};

bool HasMessage() {
  pollfd socket{kChildSocket, POLLIN, 0};
  return ::poll(&socket, 1, 0) > 0;
}

}  // namespace

void ParentLink::Send(const FromWorker& message) const {
  SendMessage(kChildSocket, FromWorkerText(message));
}

std::optional<ParentLink::Received> ParentLink::Receive() const {
  std::optional<Message> message = ReceiveMessage(kChildSocket);
  if (!message) return std::nullopt;
  return Received{ParseToWorker(message->text), std::move(message->folder)};
}

bool ParentLink::IsCancelled(const JobTicket& ticket) const {
  while (HasMessage()) {
    const std::optional<Received> received = Receive();
    if (!received) return true;
    const auto* const cancel = std::get_if<WorkerCancel>(&received->message);
    if (cancel != nullptr && cancel->ticket == ticket) return true;
  }
  return false;
}

bool ParentLink::ReportProgress(const JobTicket& ticket, const std::string& stage, double share) {
  const auto now = std::chrono::steady_clock::now();
  if (stage != last_stage_ || now - last_report_ >= kReportEvery) {
    Send(WorkerProgress{ticket, stage.substr(0, 200), std::clamp(share, 0.0, 1.0)});
    last_stage_ = stage;
    last_report_ = now;
  }
  return !IsCancelled(ticket);
}

}  // namespace dinsd
