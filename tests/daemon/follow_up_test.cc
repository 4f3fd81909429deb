#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/prompt/prompts.h"
#include "pipeline/write/result_folder.h"
#include "tests/daemon/follow_up_fixture.h"

// A study without clicks in the running daemon, with and without an earlier one of its patient.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

TEST_F(FollowUpTest, IsSegmentedFromLastYearsResultAndPreliminaryUntilAPersonClicks) {
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2", Clicks::kNone);
  daemon.WaitForState("t2", "done");
  const json report = Report("t2");
  EXPECT_EQ(report.at("state"), "preliminary");
  EXPECT_EQ(report.at("follow_up").at("prior_job"), daemon.JobOf("t1").at("job"));
  EXPECT_EQ(report.at("follow_up").at("prior_study_date"), Report("t1").at("study").at("study_date"));
  EXPECT_EQ(report.at("prompts").at("source"), "propagated");
  EXPECT_GT(report.at("totals").at("volume_ml"), 0);

  const std::string echoed = Content(Result("t2") / "prompts.json");
  const Prompts prompts = ParsePrompts(std::as_bytes(std::span(echoed)), "prompts.json");
  ASSERT_FALSE(prompts.lesions.empty());
  for (const PromptLesion& lesion : prompts.lesions) {
    for (const PromptClick& click : lesion.clicks) EXPECT_EQ(click.sign, Polarity::kPositive);
  }
  EXPECT_THAT(Content(Result("t2") / "report.html"), HasSubstr("Followed from the study of"));

  const std::string explain = "explain " + daemon.Path("incoming/t2").string() + " --results " +
                              daemon.Path("results").string() + " --config " + daemon.Path("dinsd.toml").string();
  const Ran explained = Dins(explain);
  EXPECT_EQ(explained.status, 0) << explained.output;
  EXPECT_THAT(explained.output, HasSubstr("prior: job 1, revision 1, of"));
  EXPECT_THAT(explained.output, HasSubstr("the daemon would propose clicks inside its lesions"));
  EXPECT_THAT(explained.output, testing::Not(HasSubstr("here it would end"))) << "it says one thing";

  Drop("t2", Clicks::kVerified, "clicks");  // a person's clicks arrive beside the images
  fs::copy(daemon.Path("clicks/t2/image.nii.gz.prompts.json"), daemon.Path("incoming/t2"));
  daemon.WaitUntil("the second revision", [&] { return fs::exists(Result("t2", 2) / "result.json"); });
  EXPECT_EQ(Report("t2", 2).at("state"), "final");
  EXPECT_FALSE(Report("t2", 2).contains("follow_up"));
  EXPECT_THAT(Dins(explain).output, HasSubstr("the clicks that are there go before it"));
}

TEST_F(FollowUpTest, ArrivalOrderDoesNotMatter) {
  Drop("t2", Clicks::kNone);
  daemon.Start();
  daemon.WaitForState("t2", "needs_prompts");
  EXPECT_THAT(daemon.JobOf("t2").at("reason").at("sentence").get<std::string>(),
              HasSubstr("no prior: there is no final result of this patient"));
  Drop("t1", Clicks::kVerified);
  daemon.WaitForState("t1", "done");
  daemon.WaitForState("t2", "done");
  EXPECT_EQ(Report("t2").at("follow_up").at("prior_job"), daemon.JobOf("t1").at("job"));
}

// The result is recorded, and the daemon dies before it has looked who may be followed from it.
TEST_F(FollowUpTest, ACrashAfterThePriorWasPublishedForgetsNobody) {
  Drop("t2", Clicks::kNone);
  daemon.Start("parent:kill:after_done");
  daemon.WaitForState("t2", "needs_prompts");
  Drop("t1", Clicks::kVerified);
  EXPECT_EQ(daemon.WaitForEnd(), -SIGKILL);
  daemon.Start();
  daemon.WaitForState("t2", "done");
  EXPECT_EQ(Report("t2").at("follow_up").at("prior_job"), daemon.JobOf("t1").at("job"));
}

TEST_F(FollowUpTest, WhatWasFollowedFromAPriorThatTurnsOutToBeAnothersIsTakenBack) {
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2", Clicks::kNone);
  daemon.WaitForState("t2", "done");
  const std::string job = std::to_string(daemon.JobOf("t2").at("job").get<int>());
  Edit(daemon.Path("incoming/t1/study.json"), [](json& text) { text["patient"] = "SOMEBODY"; });
  daemon.WaitForState("t1", "quarantined");
  daemon.WaitForState("t2", "needs_prompts");
  const Ran ran = Dins("review export " + job + " --results " + daemon.Path("results").string() + " --out " +
                       daemon.Path("review").string());
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("another patient"));
}

// A study copied to the wrong patient: neither of the two is anybody's prior until a person has said whose it is.
TEST_F(FollowUpTest, ThePriorsImagesUnderAnotherPatientQuarantineBoth) {
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2", Clicks::kNone);
  daemon.WaitForState("t2", "done");
  fs::copy(daemon.Path("incoming/t1"), daemon.Path("copy.part"), fs::copy_options::recursive);
  Edit(daemon.Path("copy.part/study.json"), [](json& text) { text["patient"] = "SOMEBODY"; });
  fs::rename(daemon.Path("copy.part"), daemon.Path("incoming/copy"));
  daemon.WaitForState("copy", "quarantined");
  daemon.WaitForState("t1", "quarantined");
  daemon.WaitForState("t2", "needs_prompts");
  for (const std::string study : {"t1", "copy"}) {
    const json reason = daemon.JobOf(study).at("reason");
    EXPECT_EQ(reason.at("code"), "SAME_IMAGES_OTHER_PATIENT");
    EXPECT_THAT(reason.at("sentence").get<std::string>(),
                testing::AllOf(HasSubstr("job 1 (patient PHANTOM-small-3)"), HasSubstr("job 3 (patient SOMEBODY)")));
  }
  EXPECT_TRUE(daemon.JobOf("copy").at("results").empty());
  EXPECT_THAT(daemon.Log(), HasSubstr("under two patients code=SAME_IMAGES_OTHER_PATIENT job=1 other=3\n"));
  EXPECT_THAT(daemon.Log(), testing::Not(HasSubstr("SOMEBODY"))) << "the log names no patient";

  fs::remove_all(daemon.Path("incoming/copy"));
  (void)daemon.Ask({{"command", "retry"}, {"job", daemon.JobOf("t1").at("job")}});
  daemon.WaitForState("t1", "done");
  daemon.WaitForState("t2", "done");
  EXPECT_EQ(Report("t2", 2).at("follow_up").at("prior_revision"), 2);
}

TEST_F(FollowUpTest, APreliminaryResultIsNoPrior) {
  Drop("t1", Clicks::kProposed);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2", Clicks::kNone);
  daemon.WaitForState("t2", "needs_prompts");
}

TEST_F(FollowUpTest, NeitherIsThatOfAnotherPatientNorOfAFolderWithOtherPatients) {
  const std::string other = daemon.Path("other").string();
  fs::create_directories(other);
  daemon.more_settings = "[[watch]]\nname = \"other\"\npath = \"" + other + "\"\nready = \"rename-in\"\n";
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2", Clicks::kNone, "incoming", "PHANTOM-small-4");
  daemon.WaitForState("t2", "needs_prompts");
  fs::remove_all(daemon.Path("incoming/t2"));
  Drop("t2", Clicks::kNone, "other");
  daemon.WaitUntil("the other folder's study", [&] {
    const json jobs = daemon.Jobs({"needs_prompts"});
    return std::any_of(jobs.begin(), jobs.end(), [](const json& job) { return job.at("source") == "other"; });
  });
}

TEST_F(FollowUpTest, FoldersThatShareTheirPatientsShareTheirHistories) {
  const std::string other = daemon.Path("other").string();
  fs::create_directories(other);
  daemon.more_watch = "patients = \"trial\"\n";
  daemon.more_settings =
      "[[watch]]\nname = \"other\"\npath = \"" + other + "\"\nready = \"rename-in\"\npatients = \"trial\"\n";
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2", Clicks::kNone, "other");
  daemon.WaitForState("t2", "done");
}

TEST_F(FollowUpTest, APriorWhoseImagesAreGoneIsNotUsed) {
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  fs::remove_all(daemon.Path("incoming/t1"));
  Drop("t2", Clicks::kNone);
  daemon.WaitForState("t2", "needs_prompts");
  EXPECT_EQ(daemon.JobOf("t2").at("reason").at("code"), "PRIOR_IMAGES");
}

TEST_F(FollowUpTest, APriorWhoseResultWasAlteredIsNotUsed) {
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  std::ofstream(Result("t1") / "lesions.csv", std::ios::app) << "x";
  Drop("t2", Clicks::kNone);
  daemon.WaitForState("t2", "needs_prompts");
  EXPECT_EQ(daemon.JobOf("t2").at("reason").at("code"), "PRIOR_RESULT");
}

// The identifiers say one patient, the bodies do not: told, or not used at all.
TEST_F(FollowUpTest, ImagesOfAnotherBodyUnderThePatientsNameAreNotFollowedSilently) {
  TempFolder other;
  ASSERT_EQ(Dins("phantom --preset small --seed 4 --timepoints 2 --out " + other.path().string() + "/p").status, 0);
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  const std::string patient = Report("t1").at("study").at("patient").get<std::string>();
  fs::copy(other.path() / "p/t2/study", daemon.Path("stranger.part"), fs::copy_options::recursive);
  fs::remove(daemon.Path("stranger.part/image.nii.gz.prompts.json"));
  Edit(daemon.Path("stranger.part/study.json"), [&](json& text) { text["patient"] = patient; });
  fs::rename(daemon.Path("stranger.part"), daemon.Path("incoming/stranger"));
  daemon.WaitUntil("the stranger is told apart", [&] {
    const std::string state = daemon.StateOf("stranger");
    return state == "needs_prompts" || state == "done";
  });
  if (daemon.StateOf("stranger") == "needs_prompts") {
    EXPECT_EQ(daemon.JobOf("stranger").at("reason").at("code"), "PRIOR_REFUSED");
  } else {
    EXPECT_FALSE(Report("stranger").at("follow_up").at("registration").at("findings").empty());
    EXPECT_EQ(Report("stranger").at("state"), "preliminary");
  }
}

TEST_F(FollowUpTest, ProposingCanBeSwitchedOff) {
  daemon.more_settings = "[followup]\npropose = false\n";
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2", Clicks::kNone);
  daemon.WaitForState("t2", "needs_prompts");
}

}  // namespace
}  // namespace dinsd
