#pragma once

#include "daemon/log/log.h"
#include "storage/job_records.h"

namespace dinsd {

/// One line about one job: an event, and the stable code of its reason if it has one. Sentences stay in the queue,
/// since they may hold names of files.
inline void LogJob(Severity severity, const std::string& event, JobId job, const std::string& code = "",
                   nlohmann::json fields = nlohmann::json::object()) {
  fields["job"] = static_cast<std::int64_t>(job);
  if (!code.empty()) fields["code"] = code;
  Log(severity, event, fields);
}

}  // namespace dinsd
