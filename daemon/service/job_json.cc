#include "daemon/service/job_json.h"

#include <array>
#include <ctime>
#include <filesystem>

namespace dinsd {
namespace {

nlohmann::json ReasonToJson(const Reason& reason) {
  return {{"code", reason.code}, {"file", reason.file}, {"field", reason.field}, {"sentence", reason.sentence}};
}

nlohmann::json ProgressToJson(const Progress& progress) {
  nlohmann::json json = {{"share", progress.share}, {"stage", progress.stage}, {"seconds_left", nullptr}};
  if (progress.seconds_left) json["seconds_left"] = *progress.seconds_left;
  return json;
}

}  // namespace

std::string TimeText(WallTime time) {
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  (void)std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

nlohmann::json JobToJson(const Job& job) {
  nlohmann::json json = {{"job", static_cast<std::int64_t>(job.id)},
                         {"state", Word(job.state)},
                         {"lane", Word(job.lane)},
                         {"source", job.source},
                         {"path", (std::filesystem::path(job.root) / job.entry).string()},
                         {"study", job.entry},
                         {"revision", job.revision},
                         {"model", job.model},
                         {"patient", job.facts.patient},
                         {"study_date", job.facts.study_date},
                         {"attempt", job.attempt},
                         {"error_count", job.error_count},
                         {"crash_count", job.crash_count},
                         {"lost_count", job.lost_count},
                         {"created", TimeText(job.created_at)},
                         {"changed", TimeText(job.changed_at)}};
  if (job.state == JobState::kRunning) json["progress"] = ProgressToJson(job.progress);
  if (!job.reason.code.empty()) json["reason"] = ReasonToJson(job.reason);
  if (job.duplicate_of) json["duplicate_of"] = static_cast<std::int64_t>(*job.duplicate_of);
  if (job.state == JobState::kRetryable || job.state == JobState::kSnoozed) json["run_at"] = TimeText(job.run_at);
  return json;
}

nlohmann::json HistoryToJson(const JobHistory& history) {
  nlohmann::json json = JobToJson(history.job);
  json["journal"] = nlohmann::json::array();
  for (const JournalLine& line : history.journal) {
    json["journal"].push_back(
        {{"at", TimeText(line.at)}, {"who", line.who}, {"what", line.what}, {"reason", line.reason}});
  }
  json["results"] = nlohmann::json::array();
  for (const PublishedResult& result : history.results) {
    json["results"].push_back(
        {{"revision", result.revision},
         {"key", result.key},
         {"sha256", result.digest},
         {"published", TimeText(result.published_at)},
         {"folder", std::to_string(static_cast<std::int64_t>(result.job)) + "/r" + std::to_string(result.revision)},
         {"sent", nlohmann::json::array()}});
  }
  return json;
}

std::string_view Word(JobQueue::Mode mode) {
  constexpr std::array<std::string_view, 3> kWords = {"open", "paused", "draining"};
  return kWords.at(static_cast<std::size_t>(mode));
}

}  // namespace dinsd
