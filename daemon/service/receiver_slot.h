#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "config/settings.h"
#include "daemon/process/unique_fd.h"
#include "daemon/service/child.h"
#include "daemon/service/context.h"

namespace dinsd {

/// Keeps a dinsd-receiver running while the settings want one. The listening socket is the parent's, who never accepts
/// from it: so peers wait, and are not refused, while one receiver takes over from another. Not thread-safe.
class ReceiverSlot {
 public:
  explicit ReceiverSlot(ServiceContext& context);

  /// Takes the settings: at start and after a reload. A receiver with others serves the associations that it has to
  /// their end.
  void Configure();

  /// Ends them all at once: what was not answered yet, its sender sends again.
  void Stop();

 private:
  void Start();
  void Launch();
  void OnMessage(int number, const std::string& text);
  void OnExit(int number, const std::string& how);
  void Dismiss();
  void StartLater();

  ServiceContext& context_;
  ReceiverSettings settings_;
  UniqueFd listener_;
  std::map<int, std::shared_ptr<Child>> children_;
  int current_ = 0;  // the one that accepts; 0 = none
  int last_ = 0;
  int failed_starts_ = 0;
  std::chrono::steady_clock::time_point started_;
  boost::asio::steady_timer restart_;
};

}  // namespace dinsd
