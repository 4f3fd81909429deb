#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/daemon/test_daemon.h"

// The folders of the running daemon: whose they are, and what becomes of studies while they cannot be used.

namespace dinsd {
namespace {

std::string ReadText(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

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

}  // namespace
}  // namespace dinsd
