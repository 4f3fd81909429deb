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

struct Mark {
  std::string id;
  std::string state_dir = "unknown";
  std::string host = "unknown";
};

// Nothing where there is no mark; one that cannot be understood is nobody's.
std::optional<Mark> ReadMark(const std::filesystem::path& results) {
  std::ifstream in(results / kResultsMark);
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
  RewriteFile(results / kResultsMark, mark.dump() + "\n");
}

}  // namespace

bool CheckOwner(const std::filesystem::path& results, const ResultsOwner& owner) {
  const std::optional<Mark> mark = ReadMark(results);
  if (!mark || (mark->id == owner.id && mark->state_dir == owner.state_dir)) return mark.has_value();
  throw StorageError(
      StorageFailure::kForeignFile,
      "results_dir " + results.string() + " belongs to another queue, that of state_dir " + mark->state_dir + " on " +
          mark->host + "; this one is that of state_dir " + owner.state_dir +
          ": give it a results_dir of its own, or, if the other queue is gone for good or has moved here, remove " +
          (results / kResultsMark).string() + " and start again");
}

ResultsClaim::ResultsClaim(std::filesystem::path results, ResultsOwner owner)
    : results_(std::move(results)), owner_(std::move(owner)) {
  std::filesystem::create_directories(results_);
  (void)CheckOwner(results_, owner_);  // another queue's is none to wait for
  Lock();
  if (!CheckOwner(results_, owner_)) WriteMark(results_, owner_);
}

void ResultsClaim::Lock() {
  const std::string what = "results_dir " + results_.string() + ", as this one with state_dir " + owner_.state_dir;
  lock_ = std::make_unique<FileLock>(results_ / kResultsLock, what + " would", "results_dir");
}

std::string ResultsClaim::Obstacle() {
  if (lock_->IsInPlace()) return {};
  try {
    if (!CheckOwner(results_, owner_)) {
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
