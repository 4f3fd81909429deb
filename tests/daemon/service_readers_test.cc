#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/test_daemon.h"

// Two readers submit their clicks on the same images, or one copies a study and changes the clicks: both results are
// wanted, and nobody may count them twice without knowing.

namespace dinsd {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// The image of `seed`, with a click of its own.
void DropClicked(TestDaemon& daemon, const std::string& name, unsigned seed, int click) {
  daemon.Drop(name, seed, /*has_prompts=*/false);
  daemon.WaitForState(name, "needs_prompts");
  daemon.WritePrompts(name, click);
}

std::filesystem::path ResultOf(const TestDaemon& daemon, const std::string& name) {
  const nlohmann::json job = daemon.JobOf(name);
  return daemon.Path("results") / job.at("job").dump() / std::string("r").append(job.at("revision").dump());
}

std::vector<std::string> SameImagesOf(const nlohmann::json& sentences) {
  std::vector<std::string> found;
  for (const nlohmann::json& sentence : sentences) {
    if (sentence.get<std::string>().starts_with("SAME_IMAGES")) found.push_back(sentence);
  }
  return found;
}

std::vector<std::string> WarningsOf(const TestDaemon& daemon, const std::string& name) {
  return SameImagesOf(nlohmann::json::parse(ReadText(ResultOf(daemon, name) / "report.json")).at("warnings"));
}

std::vector<std::string> JournalOf(const TestDaemon& daemon, const std::string& name) {
  nlohmann::json sentences = nlohmann::json::array();
  const nlohmann::json job = daemon.JobOf(name);
  for (const nlohmann::json& line : job.at("journal")) sentences.push_back(line.at("reason"));
  return SameImagesOf(sentences);
}

// The last cell of each line of the index, without the header.
std::vector<std::string> IndexOf(const TestDaemon& daemon) {
  std::istringstream index(ReadText(daemon.Path("results/index.csv")));
  std::vector<std::string> cells;
  for (std::string line; std::getline(index, line);) cells.push_back(line.substr(line.rfind(',') + 1));
  EXPECT_EQ(cells.at(0), "same_images");
  cells.erase(cells.begin());
  return cells;
}

constexpr const char* kFirstHasResults = "SAME_IMAGES: job 1, revision 1 has results of the same images with other ";

TEST(ServiceReaders, ASecondOnesResultIsTiedToTheFirst) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  DropClicked(daemon, "two", 1, 3);
  daemon.WaitForState("two", "done");
  daemon.Drop("another", 2);
  daemon.WaitForState("another", "done");
  EXPECT_THAT(WarningsOf(daemon, "two"), ElementsAre(AllOf(StartsWith(kFirstHasResults), EndsWith(": results/1/r1"))));
  EXPECT_THAT(ReadText(ResultOf(daemon, "two") / "report.html"), HasSubstr(kFirstHasResults));
  EXPECT_THAT(JournalOf(daemon, "two"), ElementsAre(StartsWith(kFirstHasResults)));
  EXPECT_THAT(daemon.Log(), HasSubstr("other jobs have results of the same images code=SAME_IMAGES job=2 jobs=[1]\n"));
  EXPECT_THAT(WarningsOf(daemon, "one"), IsEmpty());
  EXPECT_THAT(WarningsOf(daemon, "another"), IsEmpty());
  EXPECT_THAT(IndexOf(daemon), ElementsAre("2", "1", ""));
}

TEST(ServiceReaders, ClicksThatWaitTogetherAreTiedOnceTheyHaveRun) {
  TestDaemon daemon;
  daemon.Start();
  (void)daemon.Ask({{"command", "pause"}});
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "available");
  DropClicked(daemon, "two", 1, 3);
  daemon.WaitForState("two", "available");
  (void)daemon.Ask({{"command", "resume"}});
  daemon.WaitForState("one", "done");
  daemon.WaitForState("two", "done");
  EXPECT_THAT(WarningsOf(daemon, "one"), IsEmpty());
  EXPECT_THAT(WarningsOf(daemon, "two"), ElementsAre(StartsWith(kFirstHasResults)));
  EXPECT_THAT(JournalOf(daemon, "two"), ElementsAre(StartsWith(kFirstHasResults)));
  EXPECT_THAT(IndexOf(daemon), ElementsAre("2", "1"));
}

TEST(ServiceReaders, ALostQueueTiesThemAgain) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  DropClicked(daemon, "two", 1, 3);
  daemon.WaitForState("two", "done");
  daemon.Kill();
  const std::string index = ReadText(daemon.Path("results/index.csv"));
  for (const char* file : {"queue.db", "queue.db-wal", "queue.db-shm"}) {
    std::filesystem::remove(daemon.Path(std::string("state/") + file));
  }
  daemon.Start();
  EXPECT_EQ(ReadText(daemon.Path("results/index.csv")), index);
  DropClicked(daemon, "three", 1, 6);
  daemon.WaitForState("three", "done");
  EXPECT_THAT(WarningsOf(daemon, "three"), ElementsAre(HasSubstr("job 1, revision 1"), HasSubstr("job 2, revision 1")));
  EXPECT_THAT(IndexOf(daemon), ElementsAre("2 3", "1 3", "1 2"));
}

TEST(ServiceReaders, AResultThatWasMovedAwayLeavesTheIndexOfTheOther) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  DropClicked(daemon, "two", 1, 3);
  daemon.WaitForState("two", "done");
  daemon.Kill();
  std::filesystem::rename(daemon.Path("results/1"), daemon.Path("away"));
  daemon.Start();
  EXPECT_THAT(IndexOf(daemon), ElementsAre(""));
}

}  // namespace
}  // namespace dinsd
