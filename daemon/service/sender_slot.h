#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "daemon/service/child.h"
#include "daemon/service/context.h"

namespace dinsd {

/// Keeps a sender (`dinsd-receiver --send`) running while there are DICOM peers among the destinations and dinsd is to
/// start it. Not thread-safe.
class SenderSlot {
 public:
  explicit SenderSlot(ServiceContext& context);

  /// Takes the settings: at start and after a reload.
  void Configure();

  /// Ends it; what it was sending is sent again.
  void Stop();

 private:
  void Start();
  void StartLater();

  ServiceContext& context_;
  std::filesystem::path spool_;
  std::shared_ptr<Child> child_;
  int failed_starts_ = 0;
  boost::asio::steady_timer restart_;
};

}  // namespace dinsd
