#pragma once

#include <sys/types.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

namespace dinsd {

/// Waits for the disk on behalf of many (group commit): one fsync of a folder serves everybody who asked before it
/// began. Thread-safe.
class FolderSync {
 public:
  /// `sync` is fsync(2), or stands for it in a test: 0, or errno.
  explicit FolderSync(std::function<int(int folder)> sync = SyncOfSystem) : sync_(std::move(sync)) {}

  /// Returns once an fsync of this folder that began after the call has ended well. Throws std::system_error, as does
  /// everybody whom the same fsync served.
  void Wait(int folder);

  /// How many wait for an fsync of it that has not begun.
  [[nodiscard]] int waiting(int folder);

 private:
  using Key = std::pair<dev_t, ino_t>;  // of a folder that somebody has open, so that nothing else can be it

  struct Batch {
    int members = 0;
    bool is_done = false;
    int error = 0;
  };

  static Key KeyOf(int folder);
  static int SyncOfSystem(int folder);
  void Lead(int folder, const Key& key, Batch& batch, std::unique_lock<std::mutex>& lock);

  std::function<int(int)> sync_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, std::shared_ptr<Batch>> waiting_;  // for an fsync that has not begun
  std::set<Key> running_;
};

}  // namespace dinsd
