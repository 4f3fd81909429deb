#pragma once

#include <stdexcept>
#include <string>

namespace dinsd {

/// What went wrong with the database, for whoever must decide what to do.
enum class StorageFailure {
  kInUse,         // another daemon holds it
  kUnsafePlace,   // its file system cannot keep a queue (network, FUSE)
  kForeignFile,   // not a queue of ours, or results of another one
  kNewerVersion,  // written by a newer dinsd
  kDamaged,       // the check at start, or a read, found damage: move aside and rebuild
  kFull,          // no space left: nothing was changed
  kInputOutput,   // the disk failed: end the process, do not try again
  kBusy,          // a lock was not given within the time limit
  kOther,         // anything else: a fault of the program
};

/// Thrown by everything in storage/. The message names the database file and says what to do.
class StorageError : public std::runtime_error {
 public:
  StorageError(StorageFailure failure, const std::string& sentence) : std::runtime_error(sentence), failure_(failure) {}

  [[nodiscard]] StorageFailure failure() const { return failure_; }

 private:
  StorageFailure failure_;
};

}  // namespace dinsd
