#include "daemon/publish/result_store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "daemon/publish/durable_files.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {
namespace {

constexpr const char* kTemporary = ".tmp-";

constexpr std::size_t kMostDigits = 18;  // so that there are numbers above it

// The number of a job whose folder would have this name; 0 where none would.
std::int64_t NumberOf(const std::string& name) {
  const bool is_number = !name.empty() && name.size() <= kMostDigits && name.front() != '0' &&
                         std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? std::stoll(name) : 0;
}

// By the rights that writing would have; a file system that is mounted read-only says so too.
void CheckWritable(const std::filesystem::path& folder) {
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    throw std::system_error(errno, std::generic_category(), folder.string());
}

}  // namespace

ResultStore::ResultStore(ResultsClaim claim)
    : claim_(std::move(claim)), results_(claim_.folder()), staging_(results_ / kStagingFolder) {
  std::filesystem::create_directories(staging_);
}

// Remembers that it failed.
template <typename Write>
auto ResultStore::Watched(Write write) {
  try {
    return write();
  } catch (const std::system_error&) {
    has_failed_ = true;
    throw;
  }
}

std::string ResultStore::Obstacle() {
  try {
    CheckWritable(results_);
    std::string why = claim_.Obstacle();
    if (why.empty()) TryToWrite();
    return why;
  } catch (const std::system_error& error) {
    return "results_dir " + results_.string() + " cannot be written to (" + error.code().message() + ")";
  }
}

void ResultStore::TryToWrite() {
  std::filesystem::create_directory(staging_);  // gone with a folder that was emptied or replaced
  CheckWritable(staging_);
  if (!has_failed_) return;
  const std::filesystem::path trial = Staging("trial");
  std::filesystem::remove(trial);
  std::filesystem::create_directory(trial);
  std::filesystem::remove(trial);
  has_failed_ = false;
}

std::filesystem::path ResultStore::Staging(const std::string& token) const {
  return staging_ / (std::string(kTemporary) + token);
}

std::filesystem::path ResultStore::MakeStaging(const std::string& token) {
  std::filesystem::path folder = Staging(token);
  Watched([&] { return std::filesystem::create_directory(folder); });
  return folder;
}

void ResultStore::DiscardStaging(const std::string& token) const {
  std::error_code ignored;  // what stays is swept later
  std::filesystem::remove_all(Staging(token), ignored);
}

int ResultStore::Sweep(const std::set<std::string>& tokens) const {
  int removed = 0;
  std::error_code gone;
  for (const auto& entry : std::filesystem::directory_iterator(staging_, gone)) {
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

std::vector<std::int64_t> ResultStore::Numbers() const {
  std::vector<std::int64_t> numbers;
  for (const auto& entry : std::filesystem::directory_iterator(results_)) {
    const std::int64_t number = NumberOf(entry.path().filename());
    if (number > 0) numbers.push_back(number);
  }
  return numbers;
}

bool ResultStore::IsTaken(std::int64_t job, std::int64_t revision) const {
  return std::filesystem::exists(std::filesystem::symlink_status(Place(job, revision)));
}

bool ResultStore::HoldsAnyOf(std::int64_t job) const {
  const std::filesystem::path folder = results_ / std::to_string(job);
  const std::filesystem::file_status status = std::filesystem::symlink_status(folder);
  return std::filesystem::exists(status) &&
         !(std::filesystem::is_directory(status) && std::filesystem::is_empty(folder));
}

std::string ResultStore::DigestInPlace(std::int64_t job, std::int64_t revision, const std::string& job_key) const {
  const std::filesystem::path place = Place(job, revision);
  std::error_code failed;
  return std::filesystem::exists(place, failed) ? VerifyResultFolder(place, job_key) : std::string();
}

bool ResultStore::MoveIntoPlace(const std::string& token, std::int64_t job, std::int64_t revision) {
  const std::filesystem::path place = Place(job, revision);
  return Watched([&] {
    if (std::filesystem::create_directory(place.parent_path())) SyncFolder(results_);
    return RenameIntoPlace(Staging(token), place);
  });
}

}  // namespace dinsd
