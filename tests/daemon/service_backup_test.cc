#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/daemon/test_daemon.h"

// A state_dir that was put back from a backup: its queue does not know what was published since.

namespace dinsd {
namespace {

std::size_t CountOf(const std::string& word, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) ++count;
  return count;
}

TEST(ServiceBackup, NewJobsAreNumberedAboveTheResultsThatItDoesNotKnow) {
  TestDaemon daemon;
  daemon.Drop("before", 1);
  daemon.Start();
  daemon.WaitForState("before", "done");
  daemon.Kill();
  std::filesystem::copy(daemon.Path("state"), daemon.Path("backup"), std::filesystem::copy_options::recursive);
  daemon.Drop("since", 2);
  daemon.Start();
  daemon.WaitForState("since", "done");
  const auto unknown = daemon.JobOf("since").at("job").get<int>();
  daemon.Kill();
  std::filesystem::remove_all(daemon.Path("state"));
  std::filesystem::rename(daemon.Path("backup"), daemon.Path("state"));
  std::filesystem::remove_all(daemon.Path("incoming/since"));
  daemon.Drop("after", 3);
  daemon.Start();
  daemon.WaitForState("after", "done");
  EXPECT_EQ(daemon.JobOf("after").at("job"), unknown + 1);
  EXPECT_EQ(CountOf("results that this queue does not know", daemon.Log()), 1U) << daemon.Log();
}

TEST(ServiceBackup, TheIndexHasTheResultsThatAreThereAndNoOthers) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  daemon.WritePrompts("one", 1);
  daemon.WaitUntil("revision 2", [&] { return std::filesystem::exists(daemon.Path("results/1/r2/result.json")); });
  daemon.WaitForState("one", "done");
  daemon.Kill();
  const std::string all = ReadText(daemon.Path("results/index.csv"));
  std::filesystem::rename(daemon.Path("results/1"), daemon.Path("away"));
  daemon.Start();
  EXPECT_EQ(CountOf("\n", ReadText(daemon.Path("results/index.csv"))), 1U);
  EXPECT_EQ(CountOf("are not in results_dir", daemon.Log()), 1U) << daemon.Log();
  daemon.Kill();
  std::filesystem::rename(daemon.Path("away"), daemon.Path("results/1"));
  daemon.Start();
  EXPECT_EQ(ReadText(daemon.Path("results/index.csv")), all);
}

TEST(ServiceBackup, WhatWasPublishedIsNotPublishedAgainFromElsewhere) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  std::filesystem::rename(daemon.Path("incoming/one"), daemon.Path("one"));
  daemon.Drop("two", 2, /*has_prompts=*/false);
  std::filesystem::rename(daemon.Path("incoming/two"), daemon.Path("incoming/one"));
  daemon.WaitForState("one", "needs_prompts");
  std::filesystem::rename(daemon.Path("one"), daemon.Path("incoming/three"));
  daemon.WaitForState("three", "cancelled");
  EXPECT_EQ(daemon.JobOf("three").at("reason").at("code"), "DUPLICATE");
  EXPECT_EQ(daemon.JobOf("three").at("duplicate_of"), daemon.JobOf("one").at("job"));
}

TEST(ServiceBackup, NothingIsPublishedBesideAnotherQueuesResult) {
  TestDaemon daemon;
  daemon.more_settings = "error_budget = 1\n";
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  const std::filesystem::path foreign = daemon.Path("results/2");  // came after the start, so its number was given
  std::filesystem::copy(daemon.Path("results/1"), foreign, std::filesystem::copy_options::recursive);
  daemon.Drop("two", 2);
  daemon.WaitForState("two", "failed");
  const nlohmann::json retry = {{"command", "retry"}, {"job", 2}};
  for (std::size_t times = 2; times <= 3; ++times) {
    (void)daemon.Ask(retry);
    daemon.WaitUntil("it failed again", [&] {
      return CountOf("RESULT_IN_THE_WAY", daemon.Log()) == times || daemon.StateOf("two") == "done";
    });
    daemon.WaitForState("two", "failed");
  }
  EXPECT_FALSE(std::filesystem::exists(foreign / "r2"));
  EXPECT_THAT(daemon.JobOf("two").at("reason").at("sentence").get<std::string>(),
              testing::AllOf(testing::HasSubstr(foreign.string()), testing::HasSubstr("move it out")));
  std::filesystem::remove_all(foreign);
  (void)daemon.Ask(retry);
  daemon.WaitForState("two", "done");
  EXPECT_TRUE(std::filesystem::exists(foreign / "r1/result.json"));
}

}  // namespace
}  // namespace dinsd
