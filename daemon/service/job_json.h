#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "storage/job_queue.h"

namespace dinsd {

// What `dins queue` is told of jobs. Times are RFC 3339, UTC.

[[nodiscard]] nlohmann::json JobToJson(const Job& job);
/// Where its results were sent, which the queue does not know, is left empty.
[[nodiscard]] nlohmann::json HistoryToJson(const JobHistory& history);
[[nodiscard]] std::string_view Word(JobQueue::Mode mode);
[[nodiscard]] std::string TimeText(WallTime time);

}  // namespace dinsd
