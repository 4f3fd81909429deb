#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/daemon/test_daemon.h"

// Studies that were published and are moved, renamed or copied: results/index.csv leads to their results from where
// they lie, with one row a result.

namespace dinsd {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string IndexOf(const TestDaemon& daemon) {
  return ReadText(daemon.Path("results/index.csv"));
}

// The whole index, where job 1 has one result and lies at `place`.
std::string OneRow(const TestDaemon& daemon, const std::filesystem::path& place) {
  return "job,revision,study_date,study,path,result,same_images\n1,1,," + place.filename().string() + "," +
         daemon.Path(place).string() + ",1/r1,\n";
}

void Move(const TestDaemon& daemon, const std::string& from, const std::string& to) {
  std::filesystem::rename(daemon.Path(from), daemon.Path(to));
}

void LoseQueue(TestDaemon& daemon) {
  daemon.Kill();
  for (const char* file : {"queue.db", "queue.db-wal", "queue.db-shm"}) {
    std::filesystem::remove(daemon.Path(std::string("state/") + file));
  }
}

TEST(ServiceMoves, AStudyThatWasRenamedIsFoundUnderItsNewName) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  EXPECT_EQ(IndexOf(daemon), OneRow(daemon, "incoming/one"));
  Move(daemon, "incoming/one", "incoming/two");
  daemon.WaitForState("two", "cancelled");
  EXPECT_EQ(daemon.JobOf("two").at("duplicate_of"), 1);
  EXPECT_EQ(IndexOf(daemon), OneRow(daemon, "incoming/two"));
  Move(daemon, "incoming/two", "incoming/three");
  daemon.WaitForState("three", "cancelled");
  EXPECT_EQ(IndexOf(daemon), OneRow(daemon, "incoming/three"));
  Move(daemon, "incoming/three", "incoming/one");
  daemon.WaitUntil("it is back", [&] { return IndexOf(daemon) == OneRow(daemon, "incoming/one"); });
}

TEST(ServiceMoves, ALostQueueFindsItWhereItLies) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  Move(daemon, "incoming/one", "incoming/two");
  daemon.WaitForState("two", "cancelled");
  LoseQueue(daemon);
  daemon.Start();
  daemon.WaitForState("two", "done");
  EXPECT_EQ(daemon.JobOf("two").at("job"), 1);
  EXPECT_EQ(IndexOf(daemon), OneRow(daemon, "incoming/two"));
}

TEST(ServiceMoves, EveryRevisionOfAMovedStudyLeadsFromItsNewPlace) {
  TestDaemon daemon;
  daemon.more_watch = "[[watch]]\nname = \"archive\"\npath = \"archive\"\nready = \"rename-in\"\nrescan_seconds = 1\n";
  std::filesystem::create_directory(daemon.Path("archive"));
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  daemon.WritePrompts("one", 3);
  daemon.WaitUntil("revision 2", [&] { return daemon.JobOf("one").at("results").size() == 2; });
  daemon.Send(SIGTERM);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  Move(daemon, "incoming/one", "archive/moved");
  daemon.Start();
  daemon.WaitForState("moved", "cancelled");
  const std::string place = ",moved," + daemon.Path("archive/moved").string() + ",1/r";
  EXPECT_THAT(IndexOf(daemon), AllOf(HasSubstr("\n1,1," + place + "1,\n"), HasSubstr("\n1,2," + place + "2,\n")));
  const std::string index = IndexOf(daemon);
  LoseQueue(daemon);
  daemon.Start();
  EXPECT_EQ(daemon.JobOf("moved").at("results").size(), 2U);
  EXPECT_EQ(IndexOf(daemon), index);
}

TEST(ServiceMoves, ACopyHasNoRowUntilTheStudyItselfIsGone) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  daemon.Drop("copy", 1);
  daemon.WaitForState("copy", "cancelled");
  EXPECT_EQ(IndexOf(daemon), OneRow(daemon, "incoming/one"));
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  daemon.WaitUntil("the copy stands for it", [&] { return IndexOf(daemon) == OneRow(daemon, "incoming/copy"); });
  daemon.Kill();
  daemon.Start();
  EXPECT_EQ(IndexOf(daemon), OneRow(daemon, "incoming/copy"));
  std::filesystem::remove_all(daemon.Path("incoming/copy"));
  daemon.WaitUntil("it was last at its own place", [&] { return IndexOf(daemon) == OneRow(daemon, "incoming/one"); });
}

TEST(ServiceMoves, APlaceThatHasAnotherStudyNowLeadsToNoResult) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  Move(daemon, "incoming/one", "one");
  daemon.Drop("two", 2, /*has_prompts=*/false);
  Move(daemon, "incoming/two", "incoming/one");
  daemon.WaitForState("one", "needs_prompts");
  Move(daemon, "one", "incoming/three");
  daemon.WaitForState("three", "cancelled");
  EXPECT_EQ(IndexOf(daemon), OneRow(daemon, "incoming/three"));
}

}  // namespace
}  // namespace dinsd
