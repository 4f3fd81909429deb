#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "storage/job_queue.h"

namespace dinsd {

// What `dins queue` is told of jobs. Times are RFC 3339, UTC.

[[nodiscard]] nlohmann::json JobToJson(const Job& job);
[[nodiscard]] nlohmann::json HistoryToJson(const JobHistory& history);
[[nodiscard]] std::string_view Word(JobQueue::Mode mode);

}  // namespace dinsd
