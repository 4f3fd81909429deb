#include "daemon/receiver/folder_sync.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <list>
#include <semaphore>
#include <system_error>
#include <thread>

#include "daemon/process/unique_fd.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

// A disk whose syncs begin when they are asked for and end when the test says so.
class FolderSyncTest : public testing::Test {
 protected:
  UniqueFd Open(const TempFolder& folder) const {
    return UniqueFd(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

  int SlowSync() {
    ++begun_;
    began_.release();
    may_end_.acquire();
    return error_;
  }

  // A thread that waits for the folder and then counts itself, as served or as failed.
  void WaitInThread(int folder) {
    threads_.emplace_back([this, folder] {
      try {
        sync_.Wait(folder);
        ++served_;
      } catch (const std::system_error& error) {
        EXPECT_EQ(error.code().value(), EIO);
        ++failed_;
      }
    });
  }

  TempFolder folder_, other_;
  std::atomic<int> begun_ = 0, error_ = 0, served_ = 0, failed_ = 0;
  std::counting_semaphore<> began_{0}, may_end_{0};
  FolderSync sync_{[this](int) { return SlowSync(); }};
  std::list<std::jthread> threads_;
};

TEST_F(FolderSyncTest, OneSyncServesAllWhoAskedBeforeItBegan) {
  const UniqueFd folder = Open(folder_), again = Open(folder_);
  WaitInThread(folder.get());
  began_.acquire();
  for (int i = 0; i < 10; ++i) WaitInThread(i % 2 == 0 ? folder.get() : again.get());
  while (sync_.waiting(folder.get()) < 10) std::this_thread::yield();
  may_end_.release();
  began_.acquire();
  EXPECT_LE(served_, 1) << "nobody by a sync that began before it asked";
  may_end_.release();
  threads_.clear();
  EXPECT_EQ(served_, 11);
  EXPECT_EQ(begun_, 2);
}

TEST_F(FolderSyncTest, AFailureIsThatOfAllWhomItWouldHaveServed) {
  const UniqueFd folder = Open(folder_);
  WaitInThread(folder.get());
  began_.acquire();
  for (int i = 0; i < 3; ++i) WaitInThread(folder.get());
  while (sync_.waiting(folder.get()) < 3) std::this_thread::yield();
  may_end_.release();
  began_.acquire();
  error_ = EIO;
  may_end_.release();
  threads_.clear();
  EXPECT_EQ(served_, 1);
  EXPECT_EQ(failed_, 3);
}

TEST_F(FolderSyncTest, FoldersDoNotWaitForEachOther) {
  const UniqueFd folder = Open(folder_), other = Open(other_);
  WaitInThread(folder.get());
  WaitInThread(other.get());
  began_.acquire();
  began_.acquire();
  may_end_.release(2);
  threads_.clear();
  EXPECT_EQ(served_, 2);
}

}  // namespace
}  // namespace dinsd
