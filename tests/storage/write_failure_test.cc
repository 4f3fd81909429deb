#include <fcntl.h>
#include <sqlite3.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>

#include "tests/storage/queue_fixture.h"

// Every write that SQLite asks of the system fails once, for n = 1, 2, 3 ... until a run needs none that fails.

namespace dinsd {
namespace {

// Lets SQLite's system calls that change a file fail from the n-th on, or only the n-th.
class FailingWrites {
 public:
  FailingWrites() {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    for (const char* name : kNames) {
      real_.push_back(vfs->xGetSystemCall(vfs, name));
    }
    vfs->xSetSystemCall(vfs, "write", reinterpret_cast<sqlite3_syscall_ptr>(&Write));
    for (const char* name : {"pwrite", "pwrite64"})
      vfs->xSetSystemCall(vfs, name, reinterpret_cast<sqlite3_syscall_ptr>(&WriteAt));
    vfs->xSetSystemCall(vfs, "ftruncate", reinterpret_cast<sqlite3_syscall_ptr>(&Truncate));
    vfs->xSetSystemCall(vfs, "fallocate", reinterpret_cast<sqlite3_syscall_ptr>(&Allocate));
  }
  FailingWrites(const FailingWrites&) = delete;
  FailingWrites& operator=(const FailingWrites&) = delete;
  ~FailingWrites() {
    sqlite3_vfs* vfs = sqlite3_vfs_find(nullptr);
    for (std::size_t i = 0; i < std::size(kNames); ++i) vfs->xSetSystemCall(vfs, kNames[i], real_[i]);
  }

  void FailAt(int n, int error, bool forever) {
    countdown_ = n;
    error_ = error;
    forever_ = forever;
    failed_ = false;
  }
  void Stop() { countdown_ = 0; }
  [[nodiscard]] static bool HasFailed() { return failed_; }

 private:
  static constexpr const char* kNames[] = {"write", "pwrite", "pwrite64", "ftruncate", "fallocate"};

  static bool Fails() {
    if (countdown_ == 0 || --countdown_ > 0) return false;
    if (forever_) countdown_ = 1;
    failed_ = true;
    errno = error_;
    return true;
  }
  static ssize_t Write(int fd, const void* bytes, size_t count) { return Fails() ? -1 : ::write(fd, bytes, count); }
  static ssize_t WriteAt(int fd, const void* bytes, size_t count, off_t at) {
    return Fails() ? -1 : ::pwrite(fd, bytes, count, at);
  }
  static int Truncate(int fd, off_t size) { return Fails() ? -1 : ::ftruncate(fd, size); }
  static int Allocate(int fd, off_t from, off_t size) { return Fails() ? errno : ::posix_fallocate(fd, from, size); }

  std::vector<sqlite3_syscall_ptr> real_;
  static inline int countdown_ = 0;
  static inline int error_ = 0;
  static inline bool forever_ = false;
  static inline bool failed_ = false;
};

struct Fault {
  const char* name;
  int error;
  bool forever;
};

void PrintTo(const Fault& fault, std::ostream* out) {
  *out << fault.name;
}

class WriteFailure : public testing::TestWithParam<Fault> {
 protected:
  // One study's whole way; throws StorageError where a write fails.
  static void RunOneStudy(const std::filesystem::path& file) {
    Database database(file);
    const FakeClock clock;
    JobQueue queue(database, {}, clock);
    static_cast<void>(queue.TakeBackOwnLeases());
    const JobQueue::Seen seen = queue.SeeStudy({"incoming", "/in", "a", "f", Lane::kRoutine});
    if (const auto reader = queue.BeginInspection(seen.id))
      static_cast<void>(queue.Enqueue(*reader, {"key", "w", Lane::kRoutine, {}, std::string(20'000, 'o')}));
    if (const auto job = queue.LeaseNext()) {
      static_cast<void>(queue.BeginPublish(job->lease, "digest"));
      static_cast<void>(queue.Complete(job->lease));
    }
    database.Checkpoint();
  }

  // After the fault is gone: opens, is whole, and what it says is so.
  static void ExpectUsable(const std::filesystem::path& file) {
    Database database(file);
    EXPECT_LE(database.Number("SELECT count(*) FROM result").value(), 1);
    EXPECT_EQ(database.Number("SELECT count(*) FROM job WHERE state = 'done'"),
              database.Number("SELECT count(*) FROM result"));
  }
};

TEST_P(WriteFailure, IsAnErrorThatChangesNothingByHalf) {
  FailingWrites writes;
  int n = 0;
  for (bool has_failed = true; has_failed;) {
    ASSERT_LT(++n, 1000);
    SCOPED_TRACE("write " + std::to_string(n));
    const TempFolder folder(FastFolder());
    const std::filesystem::path file = folder.path() / "dinsd.sqlite";
    writes.FailAt(n, GetParam().error, GetParam().forever);
    try {
      RunOneStudy(file);
    } catch (const StorageError& error) {
      EXPECT_TRUE(error.failure() == StorageFailure::kFull || error.failure() == StorageFailure::kInputOutput ||
                  error.failure() == StorageFailure::kOther)
          << error.what();
    }
    has_failed = FailingWrites::HasFailed();
    writes.Stop();
    ExpectUsable(file);
  }
  EXPECT_GT(n, 10) << "the shim saw no writes";
}

TEST(FullDisk, LetsTheReserveGoSoThatTheNextCallCanBeWritten) {
  const TempFolder folder(FastFolder());
  const std::filesystem::path ballast = folder.path() / "dinsd.sqlite.ballast";
  Database database(folder.path() / "dinsd.sqlite");
  database.KeepBallast(100'000);
  EXPECT_EQ(std::filesystem::file_size(ballast), 100'000U);
  FailingWrites writes;
  writes.FailAt(1, ENOSPC, false);
  try {
    database.Run("INSERT INTO setting VALUES ('a', 'b')");
    FAIL() << "written to a full disk";
  } catch (const StorageError& error) {
    EXPECT_EQ(error.failure(), StorageFailure::kFull);
  }
  EXPECT_FALSE(std::filesystem::exists(ballast));
  database.Run("INSERT INTO setting VALUES ('a', 'b')");
  database.Checkpoint();
  EXPECT_TRUE(std::filesystem::exists(ballast));
}

TEST(FullDisk, HasNoReserveWhereThereIsNoRoomForOne) {
  const TempFolder folder(FastFolder());
  const Ballast ballast(folder.path() / "ballast", std::int64_t{1} << 60);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "ballast"));
}

INSTANTIATE_TEST_SUITE_P(Faults, WriteFailure,
                         testing::Values(Fault{"NoSpaceOnce", ENOSPC, false}, Fault{"NoSpaceForGood", ENOSPC, true},
                                         Fault{"DiskErrorOnce", EIO, false}, Fault{"DiskErrorForGood", EIO, true}),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace dinsd
