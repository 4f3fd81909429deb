#include "daemon/receiver/folder_sync.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace dinsd {

int FolderSync::SyncOfSystem(int folder) {
  return ::fsync(folder) == 0 ? 0 : errno;
}

FolderSync::Key FolderSync::KeyOf(int folder) {
  struct stat status {};
  if (::fstat(folder, &status) != 0) throw std::system_error(errno, std::generic_category(), "a folder of the spool");
  return {status.st_dev, status.st_ino};
}

int FolderSync::waiting(int folder) {
  const Key key = KeyOf(folder);
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(key);
  return found == waiting_.end() ? 0 : found->second->members;
}

void FolderSync::Wait(int folder) {
  const Key key = KeyOf(folder);
  std::unique_lock lock(mutex_);
  std::shared_ptr<Batch>& joined = waiting_[key];
  if (!joined) joined = std::make_shared<Batch>();
  const std::shared_ptr<Batch> batch = joined;
  ++batch->members;
  while (!batch->is_done) {
    const auto mine = waiting_.find(key);
    const bool has_begun = mine == waiting_.end() || mine->second != batch;
    if (has_begun || running_.contains(key)) {
      changed_.wait(lock);
    } else {
      Lead(folder, key, *batch, lock);
    }
  }
  if (batch->error != 0)
    throw std::system_error(batch->error, std::generic_category(), "syncing a folder of the spool");
}

// From here on nobody joins the batch.
void FolderSync::Lead(int folder, const Key& key, Batch& batch, std::unique_lock<std::mutex>& lock) {
  waiting_.erase(key);
  running_.insert(key);
  lock.unlock();
  const int error = sync_(folder);
  lock.lock();
  running_.erase(key);
  batch.error = error;
  batch.is_done = true;
  changed_.notify_all();
}

}  // namespace dinsd
