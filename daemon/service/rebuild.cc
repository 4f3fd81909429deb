#include "daemon/service/rebuild.h"

#include <algorithm>

#include "daemon/service/job_log.h"
#include "daemon/service/study_facts.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kMostBytes = 1U << 20U;
constexpr std::size_t kBatch = 200;  // results that are noted at once, so that a start that is ended got somewhere

// The key that a result folder claims; empty where it holds no result.json of ours.
std::string ClaimedKey(const std::filesystem::path& folder) {
  try {
    const std::vector<std::byte> bytes = ReadFileBytes(folder, "result.json", kMostBytes);
    const auto* const text = reinterpret_cast<const char*>(bytes.data());
    return nlohmann::json::parse(text, text + bytes.size()).at("jobKey").get<std::string>();
  } catch (const InputError&) {
  } catch (const nlohmann::json::exception&) {
  }
  return {};
}

StudySighting SightingOf(const Settings& settings, const IndexRow& row) {
  const std::filesystem::path root = std::filesystem::path(row.path).parent_path();
  const auto watch = std::find_if(settings.watches.begin(), settings.watches.end(),
                                  [&](const WatchSettings& known) { return known.path == root; });
  if (watch == settings.watches.end()) return {root, root, row.study, ""};
  return {watch->name, root, row.study, "", watch->lane};
}

}  // namespace

int RestoreResults(ServiceContext& context) {
  int restored = 0;
  for (const IndexRow& row : context.index.Rows()) {
    const std::string key = ClaimedKey(context.results.Place(row.job, row.revision));
    const std::string digest = context.results.DigestInPlace(row.job, row.revision, key);
    if (digest.empty()) continue;
    const PublishedResult result{JobId{row.job}, row.revision, key, digest, SystemClock().WallNow()};
    const StudyFacts facts = FactsOfResult(context.salt, context.results.Place(row.job, row.revision))
                                 .value_or(StudyFacts{"", row.study_date, ""});
    const bool is_new = context.queue.Restore(SightingOf(context.settings, row), result, facts);
    restored += is_new ? 1 : 0;
  }
  if (restored > 0) Log(Severity::kWarning, "results found again for a new queue", {{"results", restored}});
  return restored;
}

void LookUpImages(ServiceContext& context) {
  std::vector<PublishedResult> batch;
  for (PublishedResult& result : context.queue.ResultsWithoutImages()) {
    const auto number = static_cast<std::int64_t>(result.job);
    if (!context.results.IsTaken(number, result.revision)) continue;  // it may come back
    result.images = ImagesOfResult(context.results.Place(number, result.revision));
    batch.push_back(std::move(result));
    if (batch.size() < kBatch) continue;
    context.queue.NoteImages(batch);
    batch.clear();
  }
  if (!batch.empty()) context.queue.NoteImages(batch);
}

}  // namespace dinsd
