#include "daemon/publish/results_claim.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>

#include "daemon/publish/durable_files.h"
#include "storage/storage_error.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

struct Mark {
  std::string id;
  std::string state_dir;
  std::string host;
};

std::string HostName() {
  std::array<char, 256> host{};
  (void)::gethostname(host.data(), host.size() - 1);
  return host.front() == '\0' ? "unknown" : host.data();
}

// Whose the folder is cannot be told then, so it is nobody's to take.
[[noreturn]] void RefuseMark(StorageFailure failure, const fs::path& file, const std::string& why) {
  throw StorageError(failure, file.string() + ", which says whose queue's results lie in this results_dir, " + why +
                                  ": mend it or bring it back from a backup; only if no other queue publishes here, "
                                  "remove it and start again");
}

std::string ReadText(const fs::path& file) {
  std::error_code failed;
  if (fs::is_regular_file(file, failed)) {
    std::ifstream in(file);
    std::ostringstream text;
    if (in && !(text << in.rdbuf()).bad()) return text.str();
    failed = {errno, std::generic_category()};
  }
  if (failed) RefuseMark(StorageFailure::kInputOutput, file, "cannot be read (" + failed.message() + ")");
  RefuseMark(StorageFailure::kForeignFile, file, "is no file");
}

// Nothing only where there is no such name at all.
std::optional<Mark> ReadMark(const fs::path& file) {
  std::error_code failed;
  if (fs::symlink_status(file, failed).type() == fs::file_type::not_found) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(ReadText(file), nullptr, false);
  const auto text = [&](const char* name) {
    std::string value = json.is_object() && json.contains(name) && json[name].is_string() ? json[name] : "";
    if (value.empty())
      RefuseMark(StorageFailure::kForeignFile, file, std::string("has no \"") + name + "\" that can be understood");
    return value;
  };
  return Mark{text("owner"), text("state_dir"), text("host")};
}

void WriteMark(const fs::path& file, const ResultsOwner& owner) {
  const nlohmann::json mark = {{"owner", owner.id}, {"state_dir", owner.state_dir}, {"host", HostName()}};
  RewriteFile(file, mark.dump() + "\n");
}

std::string RefusalOf(const fs::path& results, const Mark& mark, const ResultsOwner& owner) {
  const std::string file = (results / kResultsMark).string();
  if (mark.state_dir != owner.state_dir || mark.host != HostName()) {
    return "results_dir " + results.string() + " belongs to another queue, that of state_dir " + mark.state_dir +
           " on " + mark.host + "; this one is that of state_dir " + owner.state_dir + " on " + HostName() +
           ": give it a results_dir of its own, or, if the other queue is gone for good or has moved here, remove " +
           file + " and start again";
  }
  return "results_dir " + results.string() + " belongs to an earlier queue of this state_dir, " + owner.state_dir +
         ", whose file \"salt\" was lost or is another one now: bring that file back from a backup, or, if the queue "
         "was begun anew on purpose, give it a results_dir of its own (or remove " +
         file + " to go on with this one) and start again";
}

}  // namespace

bool CheckOwner(const fs::path& results, const ResultsOwner& owner) {
  const std::optional<Mark> mark = ReadMark(results / kResultsMark);
  if (!mark || (mark->id == owner.id && mark->state_dir == owner.state_dir)) return mark.has_value();
  throw StorageError(StorageFailure::kForeignFile, RefusalOf(results, *mark, owner));
}

ResultsClaim::ResultsClaim(std::filesystem::path results, ResultsOwner owner)
    : results_(std::move(results)), owner_(std::move(owner)) {
  std::filesystem::create_directories(results_);
  (void)CheckOwner(results_, owner_);  // another queue's is none to wait for
  Lock();
  if (!CheckOwner(results_, owner_)) WriteMark(results_ / kResultsMark, owner_);
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
