#include "storage/database.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

using testing::HasSubstr;

std::string BytesOf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class DatabaseTest : public testing::Test {
 protected:
  // How opening fails; kOther stands for "it does not" as well, with an empty sentence.
  std::pair<StorageFailure, std::string> FailureOf(std::span<const Migration> migrations = Migrations()) {
    try {
      const Database database(file_, migrations);
    } catch (const StorageError& error) {
      return {error.failure(), error.what()};
    }
    return {StorageFailure::kOther, ""};
  }

  StorageFailure Refusal() { return FailureOf().first; }

  // A database with something in it, closed.
  void MakeFilled() {
    Database database(file_);
    for (int i = 0; i < 200; ++i)
      database.Run("INSERT INTO setting (name, value) VALUES (?, ?)", "name" + std::to_string(i),
                   std::string(200, 'x'));
  }

  TempFolder folder_{FastFolder()};
  std::filesystem::path file_ = folder_.path() / "dinsd.sqlite";
};

TEST_F(DatabaseTest, KeepsWhatItPromises) {
  Database database(file_);
  const auto text = [&](const char* pragma) {
    Statement statement = database.Prepare(std::string("PRAGMA ") + pragma);
    return statement.Step() ? statement.Text(0) : "";
  };
  EXPECT_EQ(text("journal_mode"), "wal");
  EXPECT_EQ(text("synchronous"), "2");
  EXPECT_EQ(text("foreign_keys"), "1");
  EXPECT_EQ(text("trusted_schema"), "0");
  EXPECT_EQ(text("cell_size_check"), "1");
  EXPECT_EQ(text("busy_timeout"), "5000");
  EXPECT_EQ(text("wal_autocheckpoint"), "0");
  EXPECT_EQ(text("journal_size_limit"), "67108864");
  EXPECT_EQ(text("application_id"), "1145654867");
  EXPECT_EQ(text("user_version"), std::to_string(Migrations().back().version));
}

TEST_F(DatabaseTest, IsReadableByItsOwnerOnly) {
  const mode_t old_mask = ::umask(0);
  {
    Database database(file_);
    database.Run("INSERT INTO setting VALUES ('a', 'b')");
    for (const char* part : {"", "-wal", "-shm", ".lock"}) {
      struct stat status {};
      ASSERT_EQ(::stat((file_.string() + part).c_str(), &status), 0) << part;
      EXPECT_EQ(status.st_mode & 0777, 0600U) << part;
    }
  }
  ::umask(old_mask);
}

TEST_F(DatabaseTest, ClosesWithoutLeavingALog) {
  MakeFilled();
  EXPECT_FALSE(std::filesystem::exists(file_.string() + "-wal"));
}

TEST_F(DatabaseTest, ASecondDaemonIsRefusedAndTold) {
  const Database first(file_);
  const auto [failure, sentence] = FailureOf();
  EXPECT_EQ(failure, StorageFailure::kInUse);
  EXPECT_THAT(sentence, HasSubstr("pid " + std::to_string(::getpid())));
}

TEST_F(DatabaseTest, ADeadDaemonHoldsNothing) {
  const pid_t child = ::fork();
  if (child == 0) {
    const Database database(file_);
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(FailureOf().second, "");
}

TEST_F(DatabaseTest, AnUncommittedTransactionIsNothingAlsoWhenAnExceptionPasses) {
  Database database(file_);
  try {
    Transaction transaction(database);
    database.Run("INSERT INTO setting VALUES ('a', 'b')");
    throw std::runtime_error("on the way");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(database.Number("SELECT count(*) FROM setting"), 0);
  Transaction transaction(database);
  database.Run("INSERT INTO setting VALUES ('a', 'b')");
  transaction.Commit();
  EXPECT_EQ(database.Number("SELECT count(*) FROM setting"), 1);
}

TEST_F(DatabaseTest, AStatementTakesExactlyItsValues) {
  Database database(file_);
  EXPECT_THROW(database.Run("INSERT INTO setting VALUES (?, ?)", "a"), std::logic_error);
  EXPECT_THROW(database.Run("INSERT INTO setting VALUES (?, ?)", "a", "b", "c"), std::logic_error);
  EXPECT_THROW(database.Run("no SQL at all"), StorageError);
}

TEST_F(DatabaseTest, StatementsOfTheSameTextDoNotDisturbEachOther) {
  Database database(file_);
  database.Run("INSERT INTO setting VALUES ('a', '1'), ('b', '2')");
  const char* sql = "SELECT name FROM setting ORDER BY name";
  Statement outer = database.Prepare(sql);
  ASSERT_TRUE(outer.Step());
  {
    Statement inner = database.Prepare(sql);
    ASSERT_TRUE(inner.Step());
    EXPECT_EQ(inner.Text(0), "a");
  }
  ASSERT_TRUE(outer.Step());
  EXPECT_EQ(outer.Text(0), "b");
}

TEST_F(DatabaseTest, AReaderChangesNoByteBesideADeadWriter) {
  const pid_t child = ::fork();
  if (child == 0) {
    Database database(file_);
    database.Run("INSERT INTO setting VALUES ('a', 'b')");
    ::raise(SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  const std::string before = BytesOf(file_);
  const std::string log_before = BytesOf(file_.string() + "-wal");
  ASSERT_FALSE(log_before.empty());
  {
    Database reader = Database::OpenReadOnly(file_);
    EXPECT_EQ(reader.Number("SELECT count(*) FROM setting"), 1);
    EXPECT_THROW(reader.Run("DELETE FROM setting"), StorageError);
  }
  EXPECT_EQ(BytesOf(file_), before);
  EXPECT_EQ(BytesOf(file_.string() + "-wal"), log_before);
}

TEST_F(DatabaseTest, AReaderWorksBesideTheWriter) {
  Database writer(file_);
  writer.Run("INSERT INTO setting VALUES ('a', 'b')");
  Database reader = Database::OpenReadOnly(file_);
  EXPECT_EQ(reader.Number("SELECT count(*) FROM setting"), 1);
  writer.Checkpoint();
}

TEST_F(DatabaseTest, AnotherProgramsFileIsRefusedAndStaysAsItIs) {
  { Database database(file_); }
  { Database(file_).RunScript("PRAGMA application_id = 7"); }
  const std::string before = BytesOf(file_);
  EXPECT_EQ(Refusal(), StorageFailure::kForeignFile);
  EXPECT_EQ(BytesOf(file_), before);
}

TEST_F(DatabaseTest, ANewerVersionIsRefusedAndStaysAsItIs) {
  { Database(file_).RunScript("PRAGMA user_version = 1000"); }
  const std::string before = BytesOf(file_);
  const auto [failure, sentence] = FailureOf();
  EXPECT_EQ(failure, StorageFailure::kNewerVersion);
  EXPECT_THAT(sentence, HasSubstr("version 1000"));
  EXPECT_EQ(BytesOf(file_), before);
}

TEST_F(DatabaseTest, AFileThatIsNoDatabaseIsRefused) {
  folder_.Write("dinsd.sqlite", std::string(5000, 'x'));
  EXPECT_EQ(Refusal(), StorageFailure::kDamaged);
}

TEST_F(DatabaseTest, ATruncatedFileIsRefusedAtEveryPage) {
  MakeFilled();
  const std::string whole = BytesOf(file_);
  for (std::size_t size = 4096; size < whole.size(); size += 4096) {
    folder_.Write("dinsd.sqlite", whole.substr(0, size));
    EXPECT_EQ(Refusal(), StorageFailure::kDamaged) << size << " of " << whole.size() << " bytes";
  }
}

TEST_F(DatabaseTest, DamageInsideIsRefusedOrHarmlessButNeverACrash) {
  MakeFilled();
  const std::string whole = BytesOf(file_);
  TestRandom random(7);
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    std::string bytes = whole;
    for (int j = 0; j < 8; ++j)
      bytes[static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(bytes.size())))] ^= 1 << random.Below(8);
    folder_.Write("dinsd.sqlite", bytes);
    refused += FailureOf().second.empty() ? 0 : 1;
    std::filesystem::remove(file_.string() + "-wal");
    std::filesystem::remove(file_.string() + "-shm");
  }
  EXPECT_GT(refused, 0);
}

TEST_F(DatabaseTest, ADamagedFileIsMovedAsideAndANewOneBegun) {
  folder_.Write("dinsd.sqlite", std::string(5000, 'x'));
  ASSERT_EQ(Refusal(), StorageFailure::kDamaged);
  const std::filesystem::path aside = MoveDamagedAside(file_);
  EXPECT_EQ(BytesOf(aside), std::string(5000, 'x'));
  EXPECT_EQ(FailureOf().second, "");
}

TEST_F(DatabaseTest, AnOpenDatabaseIsNotMovedAside) {
  const Database database(file_);
  EXPECT_THROW(MoveDamagedAside(file_), StorageError);
}

TEST_F(DatabaseTest, ABackupIsAWholeDatabase) {
  MakeFilled();
  Database database(file_);
  database.BackUp(folder_.path() / "copy.sqlite");
  database.BackUp(folder_.path() / "copy.sqlite");
  Database copy(folder_.path() / "copy.sqlite");
  EXPECT_EQ(copy.Number("SELECT count(*) FROM setting"), 200);
}

TEST(FileSystemCheck, KnowsWhereAQueueIsNotSafe) {
  EXPECT_STREQ(UnsafeFileSystem(0x6969), "NFS");
  EXPECT_STREQ(UnsafeFileSystem(0x65735546), "FUSE");
  EXPECT_STREQ(UnsafeFileSystem(static_cast<long>(0xFF534D42)), "CIFS");
  EXPECT_STREQ(UnsafeFileSystem(static_cast<int>(0xFF534D42)), "CIFS") << "as a 32-bit f_type";
  for (const long local : {0xEF53L, 0x58465342L, 0x9123683EL, 0x01021994L, 0x794C7630L}) {
    EXPECT_EQ(UnsafeFileSystem(local), nullptr) << "ext4, XFS, Btrfs, tmpfs, overlay";
  }
}

TEST(ProcessIdentityTest, IsTheSameInOneProcessAndAnotherInTheNext) {
  const ProcessIdentity self = ProcessIdentity::Current();
  EXPECT_EQ(self, ProcessIdentity::Current());
  EXPECT_EQ(self.pid, ::getpid());
  EXPECT_FALSE(self.machine.empty());
  EXPECT_FALSE(self.boot.empty());
  EXPECT_GT(self.start_ticks, 0);
}

}  // namespace
}  // namespace dinsd
