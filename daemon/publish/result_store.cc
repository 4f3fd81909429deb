#include "daemon/publish/result_store.h"

#include <utility>

#include "daemon/publish/durable_files.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {
namespace {

constexpr const char* kTemporary = ".tmp-";

}  // namespace

ResultStore::ResultStore(ResultsClaim claim)
    : claim_(std::move(claim)), results_(claim_.folder()), staging_(results_ / ".staging") {
  std::filesystem::create_directories(staging_);
}

std::filesystem::path ResultStore::Staging(const std::string& token) const {
  return staging_ / (std::string(kTemporary) + token);
}

std::filesystem::path ResultStore::MakeStaging(const std::string& token) const {
  std::filesystem::path folder = Staging(token);
  std::filesystem::create_directory(folder);
  return folder;
}

void ResultStore::DiscardStaging(const std::string& token) const {
  std::error_code ignored;  // what stays is swept later
  std::filesystem::remove_all(Staging(token), ignored);
}

int ResultStore::Sweep(const std::set<std::string>& tokens) const {
  int removed = 0;
  for (const auto& entry : std::filesystem::directory_iterator(staging_)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kTemporary) || tokens.contains(name.substr(std::string(kTemporary).size()))) continue;
    std::error_code failed;
    std::filesystem::remove_all(entry.path(), failed);
    removed += failed ? 0 : 1;
  }
  return removed;
}

std::filesystem::path ResultStore::Place(std::int64_t job, std::int64_t revision) const {
  std::string name(1, 'r');
  name.append(std::to_string(revision));
  return results_ / std::to_string(job) / name;
}

std::string ResultStore::DigestInPlace(std::int64_t job, std::int64_t revision, const std::string& job_key) const {
  const std::filesystem::path place = Place(job, revision);
  return std::filesystem::exists(place) ? VerifyResultFolder(place, job_key) : std::string();
}

bool ResultStore::MoveIntoPlace(const std::string& token, std::int64_t job, std::int64_t revision) const {
  const std::filesystem::path place = Place(job, revision);
  if (std::filesystem::create_directory(place.parent_path())) SyncFolder(results_);
  return RenameIntoPlace(Staging(token), place);
}

}  // namespace dinsd
