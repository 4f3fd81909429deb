#include "storage/migrations.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "tests/folders.h"
#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

// A next version, as it may come: one more column.
const char* const kAddColumn = "ALTER TABLE setting ADD COLUMN note TEXT NOT NULL DEFAULT 'none';";

std::vector<Migration> WithNext(const char* sql) {
  std::vector<Migration> migrations(Migrations().begin(), Migrations().end());
  migrations.push_back({migrations.back().version + 1, "next", sql});
  return migrations;
}

class MigrationsTest : public testing::Test {
 protected:
  std::int64_t VersionOf(const std::filesystem::path& file) {
    return Database::OpenReadOnly(file).Number("PRAGMA user_version").value();
  }

  TempFolder folder_;
  std::filesystem::path file_ = folder_.path() / "dinsd.sqlite";
  int newest_ = Migrations().back().version;
};

TEST_F(MigrationsTest, AreNumberedFromOneWithoutAGap) {
  int expected = 1;
  for (const Migration& migration : Migrations()) EXPECT_EQ(migration.version, expected++);
}

// Made by version 1: a study that is done, one that waits, one that was rejected, and a copy of the first.
TEST_F(MigrationsTest, AKeptFileOfVersionOneIsBroughtUpToDate) {
  std::filesystem::copy_file(std::string(kSourceFolder) + "/tests/storage/fixtures/v1.sqlite", file_);
  Database database(file_);
  EXPECT_EQ(database.Number("PRAGMA user_version"), newest_);
  FakeClock clock;
  JobQueue queue(database, {}, clock);
  EXPECT_EQ(queue.Counts(),
            (std::map<JobState, std::int64_t>{
                {JobState::kAvailable, 1}, {JobState::kDone, 1}, {JobState::kRejected, 1}, {JobState::kCancelled, 1}}));
  const JobHistory done = queue.Show(JobId{1}).value();
  EXPECT_EQ(done.job.entry, "study-1");
  EXPECT_EQ(done.job.facts.patient, "P-1");
  EXPECT_EQ(done.results.at(0).digest, "digest-1");
  EXPECT_EQ(done.journal.size(), 6U);
  EXPECT_EQ(queue.Find(JobId{3})->reason.code, "MISSING_SLICE");
  EXPECT_EQ(queue.Find(JobId{4})->duplicate_of, JobId{1});
  ASSERT_EQ(queue.ResultsWithoutImages().size(), 1U) << "to be looked up";
  EXPECT_EQ(queue.ResultsWithoutImages().at(0).digest, "digest-1");
  const LeasedJob leased = queue.LeaseNext().value();
  EXPECT_EQ(leased.work_order, "order-2");
  EXPECT_EQ(queue.BeginPublish(leased.lease, "d"), Fenced::kDone);
  EXPECT_EQ(queue.Complete(leased.lease), Fenced::kDone);
}

TEST_F(MigrationsTest, AnOldFileIsCopiedBeforeItIsChanged) {
  { Database(file_).Run("INSERT INTO setting VALUES ('a', 'b')"); }
  const std::vector<Migration> migrations = WithNext(kAddColumn);
  {
    Database database(file_, migrations);
    EXPECT_EQ(database.Number("SELECT count(*) FROM setting WHERE note = 'none'"), 1);
  }
  EXPECT_EQ(VersionOf(file_), newest_ + 1);
  EXPECT_EQ(VersionOf(file_.string() + ".before-v" + std::to_string(newest_ + 1)), newest_);
  EXPECT_THROW(Database{file_}, StorageError) << "and the older program refuses the new file";
}

TEST_F(MigrationsTest, AStepThatFailsLeavesTheOldVersion) {
  { Database(file_).Run("INSERT INTO setting VALUES ('a', 'b')"); }
  const std::vector<Migration> migrations = WithNext("DELETE FROM setting; no SQL at all;");
  EXPECT_THROW(Database(file_, migrations), StorageError);
  Database database(file_);
  EXPECT_EQ(database.Number("PRAGMA user_version"), newest_);
  EXPECT_EQ(database.Number("SELECT count(*) FROM setting"), 1);
}

TEST_F(MigrationsTest, AKillInTheMiddleLeavesTheOldOrTheNewVersion) {
  { Database(file_).Run("INSERT INTO setting VALUES ('a', 'b')"); }
  const std::string slow = std::string(kAddColumn) +
                           "INSERT INTO setting (name, value) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1"
                           " FROM n WHERE i < 20000) SELECT 'n' || i, i FROM n;";
  const std::vector<Migration> migrations = WithNext(slow.c_str());
  TestRandom random(11);
  int killed = 0;
  for (int i = 0; i < 20 && VersionOf(file_) == newest_; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const Database database(file_, migrations);
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(random.Below(30'000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    killed += WIFSIGNALED(status) ? 1 : 0;
    Database reader = Database::OpenReadOnly(file_);
    const bool is_new = reader.Number("PRAGMA user_version") == newest_ + 1;
    EXPECT_EQ(reader.Number("SELECT count(*) FROM setting"), is_new ? 20001 : 1);
  }
  EXPECT_GT(killed, 0);
  const Database database(file_, migrations);
}

}  // namespace
}  // namespace dinsd
