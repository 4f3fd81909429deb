#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "config/settings.h"
#include "daemon/faults/fault_points.h"
#include "daemon/publish/result_index.h"
#include "daemon/publish/result_store.h"
#include "daemon/service/model_choice.h"
#include "storage/history.h"
#include "storage/job_queue.h"
#include "storage/outbox.h"

namespace dinsd {

/// What the parts of the service share; it outlives them all. Only the service's one thread touches it.
struct ServiceContext {
  boost::asio::io_context& io;
  Settings settings;
  std::vector<ServedModel> models;
  JobQueue& queue;
  History& history;
  Outbox& outbox;
  ResultStore& results;
  ResultIndex& index;
  bool has_fault_points = false;
  FaultPoints faults;
  std::filesystem::path programs;       // the folder of dinsd-reader, dinsd-worker, dinsd-receiver and dins
  std::string salt;                     // of the digests that stand for identifiers
  std::set<JobId> measured_again;       // priors that were queued again under this configuration
  std::set<std::string> reports_due{};  // patients whose history has changed since PatientReports looked at them

  [[nodiscard]] StudyReadOptions ReadOptions() const { return {settings.read.limits, settings.read.dicom, ""}; }
};

}  // namespace dinsd
