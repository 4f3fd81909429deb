#include "daemon/publish/results_claim.h"

#include <unistd.h>

#include <array>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "daemon/publish/durable_files.h"
#include "storage/storage_error.h"

namespace dinsd {
namespace {

constexpr const char* kLockFile = ".dinsd.lock";
constexpr const char* kMarkFile = ".dinsd.owner";

struct Mark {
  std::string id;
  std::string state_dir = "unknown";
  std::string host = "unknown";
};

// Nothing where there is no mark; one that cannot be understood is nobody's.
std::optional<Mark> ReadMark(const std::filesystem::path& results) {
  std::ifstream in(results / kMarkFile);
  if (!in) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(in, nullptr, false);
  const auto text = [&](const char* name, const std::string& otherwise) {
    return json.is_object() && json.contains(name) && json[name].is_string() ? json[name].get<std::string>()
                                                                             : otherwise;
  };
  const Mark none;
  return Mark{text("owner", none.id), text("state_dir", none.state_dir), text("host", none.host)};
}

void WriteMark(const std::filesystem::path& results, const ResultsOwner& owner) {
  std::array<char, 256> host{};
  (void)::gethostname(host.data(), host.size() - 1);
  const nlohmann::json mark = {{"owner", owner.id}, {"state_dir", owner.state_dir}, {"host", host.data()}};
  RewriteFile(results / kMarkFile, mark.dump() + "\n");
}

}  // namespace

ResultsClaim::ResultsClaim(std::filesystem::path results, ResultsOwner owner)
    : results_(std::move(results)), owner_(std::move(owner)) {
  std::filesystem::create_directories(results_);
  (void)HasOurMark();  // another queue's is none to wait for
  Lock();
  if (!HasOurMark()) WriteMark(results_, owner_);
}

// Throws kForeignFile for the mark of another queue.
bool ResultsClaim::HasOurMark() const {
  const std::optional<Mark> mark = ReadMark(results_);
  if (!mark || mark->id == owner_.id) return mark.has_value();
  throw StorageError(StorageFailure::kForeignFile,
                     "results_dir " + results_.string() + " belongs to another queue, that of state_dir " +
                         mark->state_dir + " on " + mark->host + "; this one is that of state_dir " + owner_.state_dir +
                         ": give it a results_dir of its own, or, if the other queue is gone for good, remove " +
                         (results_ / kMarkFile).string() + " and start again");
}

void ResultsClaim::Lock() {
  const std::string what = "results_dir " + results_.string() + ", as this one with state_dir " + owner_.state_dir;
  lock_ = std::make_unique<FileLock>(results_ / kLockFile, what + " would", "results_dir");
}

std::string ResultsClaim::Obstacle() {
  if (lock_->IsInPlace()) return {};
  try {
    if (!HasOurMark()) {
      return "results_dir " + results_.string() +
             " is not the one that this daemon began with (is its disk mounted? A new one takes a restart)";
    }
    Lock();
    return {};
  } catch (const std::exception& error) {
    return error.what();
  }
}

}  // namespace dinsd
