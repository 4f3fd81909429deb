#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <span>
#include <sstream>

#include "pipeline/read/digest.h"
#include "tests/daemon/test_daemon.h"

// The folders of the running daemon: whose they are, and what becomes of studies while they cannot be used.

namespace dinsd {
namespace {

TEST(ServicePlaces, AnotherQueueIsKeptOutOfTheResults) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  const std::string index = ReadText(daemon.Path("results/index.csv"));
  TestDaemon other;
  other.results_dir = daemon.Path("results");
  other.Launch();
  EXPECT_EQ(other.WaitForEnd(), 78) << other.Log();
  daemon.Kill();
  other.Launch();
  EXPECT_EQ(other.WaitForEnd(), 78) << other.Log();
  EXPECT_THAT(other.Log(), testing::HasSubstr(daemon.Path("state").string()));
  EXPECT_THAT(other.Log(), testing::HasSubstr(other.Path("state").string()));
  EXPECT_EQ(ReadText(daemon.Path("results/index.csv")), index);
}

TEST(ServicePlaces, ACheckAndAStartAgree) {
  TestDaemon daemon;
  EXPECT_EQ(daemon.RunSecond("--check"), 0) << daemon.Log();
  daemon.results_dir = daemon.Path("tiny.safetensors") / "results";
  EXPECT_EQ(daemon.RunSecond("--check"), 1);
  daemon.Launch();
  EXPECT_EQ(daemon.WaitForEnd(), 1);
  daemon.results_dir = "new/results";
  EXPECT_EQ(daemon.RunSecond("--check"), 0) << daemon.Log();
  EXPECT_FALSE(std::filesystem::exists(daemon.Path("new"))) << "a check changes nothing";
  std::filesystem::remove(daemon.Path("incoming"));
  EXPECT_EQ(daemon.RunSecond("--check"), 0);
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("watched folder \"incoming\" cannot be read"));
  daemon.Start();
  EXPECT_EQ(daemon.RunSecond("--check"), 0);
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("runs with this state_dir (pid " + std::to_string(daemon.pid())));
}

// Every entry of a folder with its kind, size, times and content, and the folder itself.
std::map<std::string, std::string> Snapshot(const std::filesystem::path& folder) {
  std::map<std::string, std::string> entries;
  const auto add = [&](const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    std::ostringstream words;
    words << status.st_ino << ' ' << std::oct << status.st_mode << std::dec << ' ' << status.st_size << ' ';
    for (const timespec& time : {status.st_mtim, status.st_ctim}) words << time.tv_sec << '.' << time.tv_nsec << ' ';
    const std::string content = S_ISREG(status.st_mode) ? ReadText(path) : "";
    entries[path.string()] = words.str() + Sha256Hex(std::as_bytes(std::span(content)));
  };
  if (!std::filesystem::exists(folder)) return entries;
  add(folder);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) add(entry.path());
  return entries;
}

TEST(ServicePlaces, ACheckLeavesTheFoldersAsTheyAre) {
  TestDaemon daemon;
  const auto expect_untouched = [&](const std::string& when, std::size_t least) {
    const auto state = Snapshot(daemon.Path("state")), results = Snapshot(daemon.Path("results"));
    EXPECT_GE(std::min(state.size(), results.size()), least) << when;
    EXPECT_EQ(daemon.RunSecond("--check"), 0) << when << "\n" << daemon.Log();
    EXPECT_EQ(Snapshot(daemon.Path("state")), state) << when;
    EXPECT_EQ(Snapshot(daemon.Path("results")), results) << when;
  };
  expect_untouched("empty folders", 1);
  std::filesystem::remove(daemon.Path("state"));
  std::filesystem::remove(daemon.Path("results"));
  expect_untouched("folders that are not there", 0);
  EXPECT_FALSE(std::filesystem::exists(daemon.Path("state")));
  EXPECT_FALSE(std::filesystem::exists(daemon.Path("results")));
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  daemon.Kill();
  EXPECT_TRUE(std::filesystem::exists(daemon.Path("state/queue.db-wal")));
  expect_untouched("after a crash", 5);
  daemon.Start();
  daemon.Send(SIGTERM);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  expect_untouched("after a stop", 3);
}

TEST(ServicePlaces, AReloadDoesNotWatchTheResultsByAnotherName) {
  TestDaemon daemon;
  daemon.Start();
  std::filesystem::create_directory_symlink(daemon.Path("results"), daemon.Path("link"));
  daemon.results_dir = "later";  // takes a restart, so that the results are where they were
  daemon.more_watch = "[[watch]]\nname = \"b\"\npath = \"link\"\n";
  daemon.WriteSettings();
  daemon.Send(SIGHUP);
  daemon.WaitUntil("it is refused",
                   [&] { return daemon.Log().find("the old configuration stays") != std::string::npos; });
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("link (which is " + daemon.Path("results").string() + ")"));
  daemon.Kill();
  daemon.results_dir = "results";
  daemon.Launch();
  EXPECT_EQ(daemon.WaitForEnd(), 78);
}

std::string NoticeOf(const TestDaemon& daemon) {
  const nlohmann::json request = {
      {"command", "list"}, {"states", nlohmann::json::array()}, {"after", 0}, {"limit", 10}};
  return daemon.Ask(request).at("notice");
}

TEST(ServicePlaces, NoStudyIsBegunWhileTheResultsAreAway) {
  TestDaemon daemon;
  daemon.Start();
  std::filesystem::rename(daemon.Path("results"), daemon.Path("away"));
  daemon.WaitUntil("it is told", [&] { return !NoticeOf(daemon).empty(); });
  EXPECT_THAT(NoticeOf(daemon), testing::HasSubstr("results_dir " + daemon.Path("results").string()));
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "available");
  EXPECT_EQ(daemon.JobOf("one").at("attempt"), 0);
  std::filesystem::rename(daemon.Path("away"), daemon.Path("results"));
  daemon.WaitForState("one", "done");
  EXPECT_EQ(NoticeOf(daemon), "");
}

TEST(ServicePlaces, ResultsThatGoAwayUnderAStudyAreNoErrorOfIt) {
  TestDaemon daemon;
  daemon.more_settings = "error_budget = 1\n";
  daemon.Start();
  daemon.WaitUntil("the worker is ready", [&] { return daemon.Log().find("worker ready") != std::string::npos; });
  const pid_t worker = daemon.Children().find("dinsd-worker")->second;
  ::kill(worker, SIGSTOP);
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "running");
  std::filesystem::rename(daemon.Path("results"), daemon.Path("away"));
  ::kill(worker, SIGCONT);
  daemon.WaitForState("one", "available");
  std::filesystem::rename(daemon.Path("away"), daemon.Path("results"));
  daemon.WaitForState("one", "done");
  EXPECT_EQ(daemon.JobOf("one").at("error_count"), 0);
}

TEST(ServicePlaces, AStagingFolderThatCannotBeMadeIsNoErrorOfTheStudy) {
  TestDaemon daemon;
  daemon.more_settings = "error_budget = 1\n";
  daemon.Drop("one", 1);
  daemon.Start("parent:no-staging:one");
  daemon.WaitForState("one", "done");
  EXPECT_EQ(daemon.JobOf("one").at("attempt"), 2);
  EXPECT_EQ(daemon.JobOf("one").at("error_count"), 0);
}

}  // namespace
}  // namespace dinsd
