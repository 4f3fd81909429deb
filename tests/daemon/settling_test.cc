#include "daemon/intake/settling.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

using std::chrono::seconds;
using Verdict = SettlingTracker::Verdict;

const SettlingTracker::Time kStart{};

StudySnapshot Study(std::uint64_t size) {
  return {.name = "s", .files = {{"1.dcm", 1, 2, size, 3}}};
}

TEST(Settling, WaitsForTheQuietPeriod) {
  SettlingTracker tracker({.rule = ReadyRule::kQuiet, .quiet = seconds(30)});
  EXPECT_EQ(tracker.Observe(Study(1), kStart), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(1), kStart + seconds(29)), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(1), kStart + seconds(30)), Verdict::kReady);
}

TEST(Settling, BeginsAgainWhenAFileGrows) {
  SettlingTracker tracker({.rule = ReadyRule::kQuiet, .quiet = seconds(30)});
  (void)tracker.Observe(Study(1), kStart);
  EXPECT_EQ(tracker.Observe(Study(2), kStart + seconds(29)), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(2), kStart + seconds(58)), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(2), kStart + seconds(59)), Verdict::kReady);
}

TEST(Settling, BeginsAgainWhenTheReaderFoundItUnfinished) {
  SettlingTracker tracker({.rule = ReadyRule::kQuiet, .quiet = seconds(30)});
  (void)tracker.Observe(Study(1), kStart);
  EXPECT_EQ(tracker.Observe(Study(1), kStart + seconds(30)), Verdict::kReady);
  tracker.AwaitChange("s");
  EXPECT_EQ(tracker.Observe(Study(1), kStart + seconds(90)), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(2), kStart + seconds(91)), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(2), kStart + seconds(121)), Verdict::kReady);
}

TEST(Settling, TakesTheSendersWordForIt) {
  StudySnapshot study = Study(1);
  SettlingTracker done({.rule = ReadyRule::kDoneFile});
  EXPECT_EQ(done.Observe(study, kStart), Verdict::kWaiting);
  study.has_done_file = true;
  EXPECT_EQ(done.Observe(study, kStart), Verdict::kReady);

  SettlingTracker manifest({.rule = ReadyRule::kManifest});
  EXPECT_EQ(manifest.Observe(study, kStart), Verdict::kWaiting);
  study.has_manifest = true;
  EXPECT_EQ(manifest.Observe(study, kStart), Verdict::kReady);

  SettlingTracker renamed({.rule = ReadyRule::kRenameIn});
  EXPECT_EQ(renamed.Observe(study, kStart), Verdict::kReady);
}

TEST(Settling, NeverTakesAnEmptyFolder) {
  SettlingTracker tracker({.rule = ReadyRule::kRenameIn});
  EXPECT_EQ(tracker.Observe({.name = "s"}, kStart), Verdict::kWaiting);
}

TEST(Settling, GivesUpAtTheHardLimit) {
  SettlingTracker tracker({.rule = ReadyRule::kDoneFile, .hard_limit = seconds(100)});
  EXPECT_EQ(tracker.Observe(Study(1), kStart), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(2), kStart + seconds(100)), Verdict::kOverdue);
}

}  // namespace
}  // namespace dinsd
