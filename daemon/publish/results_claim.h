#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "storage/file_lock.h"

namespace dinsd {

/// Whose results a results folder holds.
struct ResultsOwner {
  std::string id;         // of the queue, the same for as long as its state_dir lives
  std::string state_dir;  // for people
};

inline constexpr const char* kResultsLock = ".dinsd.lock";
inline constexpr const char* kResultsMark = ".dinsd.owner";

/// Whether a results folder bears the mark of `owner`; false where it has none, that is, no file of that name. Throws
/// StorageError: kForeignFile if it has that of another queue or one that cannot be understood, kInputOutput if its
/// mark cannot be read.
bool CheckOwner(const std::filesystem::path& results, const ResultsOwner& owner);

/// Keeps a results folder for one queue, since two of them would give the same numbers to their jobs: a lock file
/// (`.dinsd.lock`) while this lives, and a mark (`.dinsd.owner`) that stays. A folder without mark is taken. Not
/// thread-safe.
class ResultsClaim {
 public:
  /// Makes the folder where it is missing. Throws StorageError: kInUse if a living daemon has it, else as
  /// CheckOwner. Throws std::system_error where nothing can be written.
  ResultsClaim(std::filesystem::path results, ResultsOwner owner);

  /// Why the folder is no longer the one that was claimed; empty while it is. One that was away and came back, with its
  /// mark, is locked again; one without mark, such as the empty place of a disk that is gone, is not.
  [[nodiscard]] std::string Obstacle();

  [[nodiscard]] const std::filesystem::path& folder() const { return results_; }

 private:
  void Lock();

  std::filesystem::path results_;
  ResultsOwner owner_;
  std::unique_ptr<FileLock> lock_;
};

}  // namespace dinsd
