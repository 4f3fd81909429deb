#include "daemon/service/start_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "daemon/publish/results_claim.h"
#include "storage/database.h"
#include "storage/file_lock.h"
#include "storage/storage_error.h"
#include "tests/temp_folder.h"
#include "tests/unprivileged.h"

namespace dinsd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class StartCheckTest : public testing::Test {
 protected:
  StartCheckTest() {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    settings_.daemon.state_dir = folder_.path() / "state";
    settings_.daemon.results_dir = folder_.path() / "deep/results";
    settings_.daemon.socket = folder_.path() / "run/control.sock";
  }

  [[nodiscard]] std::vector<std::string> Faults() const { return PlaceFaults(settings_.daemon); }
  [[nodiscard]] std::string Path(const std::string& relative) const { return (folder_.path() / relative).string(); }

  TempFolder folder_;
  Settings settings_;
};

TEST_F(StartCheckTest, FoldersThatCanBeMadeAreFineAndNotMade) {
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_THAT(LookAround(settings_).faults, IsEmpty());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(StartCheckTest, AFileInTheWayOfAFolderIsNamed) {
  folder_.Write("deep", "");
  EXPECT_THAT(Faults(), ElementsAre("results_dir " + Path("deep/results") + " cannot be used: " + Path("deep") +
                                    " is no folder"));
  folder_.Write("run/control.sock", "");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("results_dir"), HasSubstr("is there and is no socket")));
}

TEST_F(StartCheckTest, FoldersThatMayNotBeWrittenToAreNamed) {
  for (const char* name : {"state", "deep", "run"}) {
    std::filesystem::create_directory(Path(name));
    std::filesystem::permissions(Path(name), std::filesystem::perms(0555));
  }
  const Unprivileged nobody;
  EXPECT_THAT(
      Faults(),
      ElementsAre("state_dir " + Path("state") + " cannot be written to: Permission denied",
                  "results_dir " + Path("deep/results") + " cannot be made in " + Path("deep") + ": Permission denied",
                  "the folder of socket " + Path("run") + " cannot be written to: Permission denied"));
}

TEST_F(StartCheckTest, FilesOfAnotherUserAreNamed) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make files of another user";
  folder_.Write("state/queue.db", "");
  std::filesystem::permissions(Path("state"), std::filesystem::perms::all);
  std::filesystem::permissions(Path("state/queue.db"), std::filesystem::perms(0600));
  const Unprivileged nobody;
  EXPECT_THAT(Faults(), ElementsAre(Path("state/queue.db") + " cannot be read and written: Permission denied"));
}

TEST_F(StartCheckTest, ADaemonThatRunsIsNoFaultUnlessItHasResultsOfOurs) {
  folder_.Write("deep/results/x", "");
  folder_.Write("state/x", "");
  const FileLock results(settings_.daemon.results_dir / kResultsLock);
  const std::string pid = std::to_string(::getpid());
  EXPECT_THAT(LookAround(settings_).faults, ElementsAre(HasSubstr("(pid " + pid + ") has results_dir ")));
  const FileLock state(settings_.daemon.state_dir / "queue.db.lock");
  EXPECT_THAT(LookAround(settings_).faults, IsEmpty());
  EXPECT_THAT(LookAround(settings_).notes, ElementsAre(HasSubstr("a dinsd runs with this state_dir (pid " + pid)));
}

TEST_F(StartCheckTest, ResultsOfAnotherQueueCanNeverBeUsed) {
  { const ResultsClaim other(settings_.daemon.results_dir, {"another", "/another/state"}); }
  EXPECT_THROW((void)LookAround(settings_), StorageError);
}

TEST_F(StartCheckTest, AQueueOfAnotherProgramOrOfANewerVersionCanNeverBeUsed) {
  const std::string file = Path("state/queue.db");
  folder_.Write("state/x", "");
  const auto after = [&](const std::string& sql) {
    { Database(file).RunScript(sql); }
    try {
      (void)LookAround(settings_);
    } catch (const StorageError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(after("SELECT 1"), "");
  EXPECT_THAT(after("PRAGMA user_version = 99"), HasSubstr("has version 99"));
  std::filesystem::remove(file);
  EXPECT_THAT(after("PRAGMA application_id = 7"), HasSubstr("a database of another program"));
}

TEST_F(StartCheckTest, ADamagedQueueIsToldAndLeftAsItIs) {
  folder_.Write("state/queue.db", std::string(4096, 'x'));
  const Surroundings found = LookAround(settings_);
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("queue.db is damaged")));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(Path("state")), {}), 1);
  folder_.Write("state/queue.db", "");
  EXPECT_THAT(LookAround(settings_).notes, IsEmpty()) << "an empty one is new";
}

TEST_F(StartCheckTest, WhatLiesInTheWayOfAFileOrOfStagingIsNamed) {
  std::filesystem::create_directories(Path("state/queue.db"));
  folder_.Write("deep/results/.staging", "");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("queue.db is in the way: it is no file"),
                                    AllOf(HasSubstr("staging"), HasSubstr("is no folder"))));
}

TEST_F(StartCheckTest, AWatchedFolderThatIsAwayIsTold) {
  settings_.watches = {{.name = "here", .path = folder_.path()}, {.name = "away", .path = Path("away")}};
  const Surroundings found = LookAround(settings_);
  EXPECT_THAT(found.faults, IsEmpty());
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("watched folder \"away\" cannot be read")));
}

}  // namespace
}  // namespace dinsd
