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
  tracker.AwaitChange("s", "MANIFEST_INCOMPLETE: a.nii: has 3 bytes");
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

TEST(Settling, TakesAStudyThatHoldsOnlyWhatMustNotBeReadToItsRefusal) {
  SettlingTracker tracker({.rule = ReadyRule::kRenameIn});
  EXPECT_EQ(tracker.Observe({.name = "s", .skipped = {{"a", SkipReason::kTooDeep}}}, kStart), Verdict::kReady);
}

TEST(Settling, WaitsUntilPermissionsAreMended) {
  SettlingTracker tracker({.rule = ReadyRule::kRenameIn});
  StudySnapshot study = Study(1);
  study.skipped = {{"a\nb", SkipReason::kUnreadable}};
  EXPECT_EQ(tracker.Observe(study, kStart), Verdict::kWaiting);
  EXPECT_EQ(tracker.WaitOf(study).why, R"("a\nb" may not be read by the user of this service (permission denied))");
  study.skipped.clear();
  EXPECT_EQ(tracker.Observe(study, kStart), Verdict::kReady);
}

TEST(Settling, KnowsWhatItWaitsFor) {
  const auto why = [](ReadyRule rule, const StudySnapshot& study) {
    SettlingTracker tracker({.rule = rule, .hard_limit = seconds(100)});
    (void)tracker.Observe(study, kStart);
    EXPECT_EQ(tracker.WaitOf(study).limit, seconds(100));
    return tracker.WaitOf(study).why;
  };
  EXPECT_EQ(why(ReadyRule::kQuiet, {.name = "s"}), "it holds no file");
  EXPECT_EQ(why(ReadyRule::kManifest, Study(1)), "no study.json has come");
  EXPECT_EQ(why(ReadyRule::kDoneFile, Study(1)), "no .done file has come");
  EXPECT_EQ(why(ReadyRule::kQuiet, Study(1)), "its files keep changing");
  SettlingTracker tracker({.rule = ReadyRule::kRenameIn});
  EXPECT_EQ(tracker.Observe(Study(1), kStart), Verdict::kReady);
  tracker.AwaitChange("s", "MANIFEST_INCOMPLETE: a.nii: has 3 bytes");
  EXPECT_EQ(tracker.WaitOf(Study(1)).why, "MANIFEST_INCOMPLETE: a.nii: has 3 bytes");
}

TEST(Settling, GivesAnotherLimitWhereItIsToldTo) {
  SettlingTracker tracker({.rule = ReadyRule::kRenameIn, .hard_limit = seconds(100)});
  EXPECT_EQ(tracker.Observe(Study(1), kStart), Verdict::kReady);
  tracker.AwaitChange("s", "NO_IMAGES", seconds(1000));
  EXPECT_EQ(tracker.Observe(Study(1), kStart + seconds(999)), Verdict::kWaiting);
  EXPECT_EQ(tracker.WaitOf(Study(1)).limit, seconds(1000));
  EXPECT_EQ(tracker.Observe(Study(1), kStart + seconds(1000)), Verdict::kOverdue);
  StudySnapshot more = Study(2);
  more.skipped = {{"a", SkipReason::kUnreadable}};
  EXPECT_EQ(tracker.Observe(more, kStart + seconds(2000)), Verdict::kWaiting)
      << "the hard limit begins with the change";
  EXPECT_EQ(tracker.Observe(more, kStart + seconds(2100)), Verdict::kOverdue);
}

TEST(Settling, GivesUpAtTheHardLimit) {
  SettlingTracker tracker({.rule = ReadyRule::kDoneFile, .hard_limit = seconds(100)});
  EXPECT_EQ(tracker.Observe(Study(1), kStart), Verdict::kWaiting);
  EXPECT_EQ(tracker.Observe(Study(2), kStart + seconds(100)), Verdict::kOverdue);
}

}  // namespace
}  // namespace dinsd
