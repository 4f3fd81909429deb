#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "pipeline/prompt/proposal.h"
#include "pipeline/read/date_time.h"
#include "tests/daemon/follow_up_fixture.h"

// A person reviews proposed clicks by files that lie beside the images; what the running daemon makes of them.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class ReviewedStudyTest : public FollowUpTest {
 protected:
  /// Two visits, the second one followed from the first.
  void StartWithAProposal() {
    Drop("t1", Clicks::kVerified);
    daemon.Start();
    daemon.WaitForState("t1", "done");
    Drop("t2", Clicks::kNone);
    daemon.WaitForState("t2", "done");
    ASSERT_EQ(Report("t2").at("state"), "preliminary");
  }

  /// What the page saves where every click is right.
  [[nodiscard]] json Review(const std::string& visit, int revision = 1) const {
    const std::string proposal = Content(Result(visit, revision) / "prompts.json");
    json review = json::parse(proposal);
    for (json& lesion : review["lesions"]) {
      for (json& click : lesion["clicks"]) click["status"] = "verified";
    }
    review["provenance"] = {{"source", "human"},
                            {"created", FormatDateTime(UnixNow())},
                            {"tool", "dinsd review"},
                            {"operator", "reader-7"},
                            {"importedFrom", AnswerTo(ProposalDigest(std::as_bytes(std::span(proposal))))}};
    return review;
  }

  void PutBeside(const std::string& visit, const json& prompts) const {
    const fs::path folder = daemon.Path("incoming") / visit, part = daemon.Path("sidecar.part");
    std::ofstream(part) << prompts;
    fs::rename(part, folder / "image.nii.gz.prompts.json");
  }

  void ExpectRefused(const std::string& visit, const json& prompts, const std::string& code) {
    PutBeside(visit, prompts);
    daemon.WaitUntil(code, [&] {
      const json job = daemon.JobOf(visit);
      return job.at("state") == "needs_prompts" && job.at("reason").at("code") == code;
    });
  }

  [[nodiscard]] std::string Results() const { return " --results " + daemon.Path("results").string(); }

  [[nodiscard]] bool HasFlag(const json& report, const std::string& flag) const {
    for (const json& lesion : report.at("follow_up").at("lesions")) {
      for (const json& raised : lesion.at("flags")) {
        if (raised == flag) return true;
      }
    }
    return false;
  }
};

TEST_F(ReviewedStudyTest, ADroppedReviewIsHeldAgainstTheProposalAndKeepsWhatTheRegistrationSaid) {
  StartWithAProposal();
  json other = Review("t2");
  other["provenance"]["importedFrom"] = "proposal " + std::string(64, 'a');
  ExpectRefused("t2", other, "REVIEW_OTHER_PROPOSAL");
  json undecided = Review("t2");
  undecided["lesions"][0]["clicks"][0]["status"] = "proposed";
  ExpectRefused("t2", undecided, "REVIEW_INCOMPLETE");
  other["provenance"].erase("importedFrom");
  ExpectRefused("t2", other, "REVIEW_OTHER_PROPOSAL");  // the page's own file, which names no proposal
  json nobodys = Review("t2");
  nobodys["provenance"].erase("operator");
  ExpectRefused("t2", nobodys, "REVIEW_NOBODY");
  ExpectRefused("t2", other, "REVIEW_OTHER_PROPOSAL");
  nobodys["provenance"]["operator"] = " ";
  ExpectRefused("t2", nobodys, "REVIEW_NOBODY");
  json renamed = Review("t2");
  renamed["lesions"][0]["trackingUID"] = "2.25.7";
  ExpectRefused("t2", renamed, "REVIEW_OTHER_LESION");
  json outside = Review("t2");
  outside["lesions"][0]["clicks"][0]["p"] = {9999, 0, 0};
  ExpectRefused("t2", outside, "PROMPT_OUTSIDE");
  EXPECT_FALSE(HasResult("t2", 2));
  EXPECT_TRUE(HasResult("t2", 1)) << "a refusal loses nothing";

  const json review = Review("t2");
  PutBeside("t2", review);
  daemon.WaitUntil("the final revision", [&] { return HasResult("t2", 2); });
  const json proposed = Report("t2"), report = Report("t2", 2);
  EXPECT_EQ(report.at("state"), "final");
  EXPECT_EQ(report.at("follow_up").at("prior_job"), proposed.at("follow_up").at("prior_job"));
  EXPECT_EQ(report.at("follow_up").at("registration"), proposed.at("follow_up").at("registration"));
  ASSERT_EQ(report.at("follow_up").at("lesions").size(), proposed.at("follow_up").at("lesions").size());
  for (std::size_t k = 0; k < report.at("follow_up").at("lesions").size(); ++k) {
    const json &then = proposed.at("follow_up").at("lesions")[k], &now = report.at("follow_up").at("lesions")[k];
    for (const char* key : {"tracking_id", "prior_ml", "volume_ml", "d_pct_prior", "registration_flags", "clicks"})
      EXPECT_EQ(now.at(key), then.at(key)) << key;
  }
  EXPECT_EQ(Content(Result("t2", 2) / "prior_mask.nii.gz"), Content(Result("t2") / "prior_mask.nii.gz"));
  EXPECT_EQ(report.at("review").at("operator"), "reader-7");
  EXPECT_EQ(report.at("review").at("proposal_revision"), 1);
  EXPECT_EQ(report.at("review").at("clicks").at("rejected"), 0);
  EXPECT_EQ(json::parse(Content(Result("t2", 2) / "provenance.json")).at("review"), report.at("review"));
  EXPECT_THAT(Content(Result("t2", 2) / "report.html"), HasSubstr("reader-7 looked at every one of them"));
  EXPECT_THAT(Dins("review show " + Number("t2") + Results()).output,
              HasSubstr("reviewed by reader-7 on " + review["provenance"]["created"].get<std::string>()));

  // Whose the prior is is in doubt now: what was followed from it counts no more.
  Edit(daemon.Path("incoming/t1/study.json"), [](json& text) { text["patient"] = "SOMEBODY"; });
  daemon.WaitForState("t1", "quarantined");
  daemon.WaitForState("t2", "needs_prompts");
  EXPECT_EQ(daemon.JobOf("t2").at("reason").at("code"), "REVIEW_PRIOR");
}

TEST_F(ReviewedStudyTest, AcceptSaysWhatIsWrongWithAFile) {
  StartWithAProposal();
  const std::string number = Number("t2");
  ASSERT_EQ(Dins("review export " + number + " --out " + daemon.Path("review").string() + Results()).status, 0);
  const auto accept = [&](const fs::path& file) {
    return Dins("review accept " + number + " " + file.string() + Results());
  };
  const auto accept_json = [&](const json& review) {
    std::ofstream(daemon.Path("answer.prompts.json")) << review;
    return accept(daemon.Path("answer.prompts.json")).output;
  };
  for (const char* none : {"nofile", "none.mrk.json"}) {
    EXPECT_THAT(accept(daemon.Path(none)).output,
                HasSubstr("PROMPTS_MISSING: " + daemon.Path(none).string() + ": there is no such file of clicks"));
  }
  EXPECT_THAT(accept(daemon.Path("review/proposal.prompts.json")).output, HasSubstr("is the proposal itself"));
  json review = Review("t2");
  review["provenance"]["operator"] = "Jane Doe\u202E";
  EXPECT_THAT(accept_json(review), HasSubstr("REVIEW_NOBODY"));
  EXPECT_THAT(Dins("review reject " + number + " --operator ' '" + Results()).output, HasSubstr("REVIEW_NOBODY"));
  review = Review("t2");
  review["lesions"][0].erase("trackingUID");
  EXPECT_THAT(accept_json(review), HasSubstr("answer.prompts.json [/lesions/0/trackingUID]: is missing"));
  EXPECT_EQ(daemon.StateOf("t2"), "done") << "nothing was put beside the images";
  review = Review("t2");
  review["lesions"][0]["laterality"] = "B";
  EXPECT_THAT(accept_json(review), HasSubstr("laterality B (was "));
  daemon.WaitUntil("the final revision", [&] { return HasResult("t2", 2); });
  EXPECT_THAT(Dins("review show " + number + Results()).output, HasSubstr("laterality B (was "));
}

TEST_F(ReviewedStudyTest, ARejectedProposalIsNotProposedAgainUntilThereIsAnotherPrior) {
  Drop("t1", Clicks::kVerified);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t3", Clicks::kNone);
  daemon.WaitForState("t3", "done");
  const Ran ran = Dins("review reject " + Number("t3") + " --operator reader-7 --reason 'another leg'" + Results());
  ASSERT_EQ(ran.status, 0) << ran.output;
  daemon.WaitForState("t3", "needs_prompts");
  const json reason = daemon.JobOf("t3").at("reason");
  EXPECT_EQ(reason.at("code"), "REVIEW_REJECTED");
  EXPECT_THAT(reason.at("sentence").get<std::string>(), HasSubstr("another leg"));
  EXPECT_THAT(Dins("review list" + Results()).output, HasSubstr("nothing waits for a review"));
  EXPECT_THAT(Dins("review show " + Number("t3") + Results()).output, HasSubstr("rejected by reader-7"));
  EXPECT_THAT(Dins("explain " + daemon.Path("incoming/t3").string()).output, HasSubstr("REVIEW_REJECTED"));
  EXPECT_THAT(Dins("history list" + Results()).output,
              HasSubstr("left out: withdrawn: reader-7 rejected every proposed click"));
  daemon.WaitUntil("the patient's report tells it", [&] {
    std::error_code none;
    for (const auto& patient : std::filesystem::directory_iterator(daemon.Path("results/patients"), none)) {
      if (Content(patient.path() / "longitudinal.json").find("withdrawn: reader-7") != std::string::npos) return true;
    }
    return false;
  });
  (void)daemon.Ask({{"command", "retry"}, {"job", daemon.JobOf("t3").at("job")}});
  daemon.WaitForState("t3", "needs_prompts");
  EXPECT_FALSE(HasResult("t3", 2));

  Drop("t2", Clicks::kVerified);
  daemon.WaitForState("t2", "done");
  daemon.WaitForState("t3", "done");
  EXPECT_EQ(Report("t3", 2).at("state"), "preliminary");
  EXPECT_EQ(Report("t3", 2).at("follow_up").at("prior_job"), daemon.JobOf("t2").at("job"));
  PutBeside("t3", Review("t3", 2));
  daemon.WaitUntil("the final revision", [&] { return HasResult("t3", 3); });
  EXPECT_EQ(Report("t3", 3).at("state"), "final");
}

// Three visits, the middle one reviewed; then other options. All are measured by one method in the end, and that is the
// end.
TEST_F(ReviewedStudyTest, APriorOfAnotherMethodIsMeasuredAgainAndThenItIsOver) {
  StartWithAProposal();
  PutBeside("t2", Review("t2"));
  daemon.WaitUntil("the final revision", [&] { return HasResult("t2", 2); });
  daemon.WaitForState("t2", "done");
  Drop("t3", Clicks::kNone);
  daemon.WaitForState("t3", "done");
  EXPECT_FALSE(HasFlag(Report("t3"), "model_mismatch"));
  const std::string list = "queue remeasure --list --socket " + daemon.Path("control.sock").string();
  EXPECT_THAT(Dins(list).output, HasSubstr("every result was measured"));

  daemon.more_settings = "[segment]\nthreshold = 0.45\n";
  daemon.WriteSettings();
  daemon.Send(SIGHUP);
  daemon.WaitUntil("the new configuration", [&] { return Dins(list).output.find("0 of 3") != std::string::npos; });
  (void)daemon.Ask({{"command", "retry"}, {"job", daemon.JobOf("t3").at("job")}});
  const auto revision = [&](const char* visit) { return daemon.JobOf(visit).at("revision").get<int>(); };
  const auto is_over = [&] {
    for (const char* visit : {"t1", "t2", "t3"}) {
      if (daemon.StateOf(visit) != "done") return false;
    }
    return Dins(list).output.find("every result was measured") != std::string::npos &&
           !HasFlag(Report("t2", revision("t2")), "model_mismatch") &&
           !HasFlag(Report("t3", revision("t3")), "model_mismatch");
  };
  daemon.WaitUntil("one method", is_over);
  // The study that is followed comes once more: its prior would be measured again if that were not over.
  const std::vector<int> before = {revision("t1"), revision("t2"), revision("t3")};
  (void)daemon.Ask({{"command", "retry"}, {"job", daemon.JobOf("t3").at("job")}});
  daemon.WaitUntil("the retried study", [&] { return HasResult("t3", before[2] + 1) && is_over(); });
  EXPECT_EQ(revision("t1"), before[0]);
  EXPECT_EQ(revision("t2"), before[1]);
  EXPECT_EQ(revision("t3"), before[2] + 1);
  EXPECT_EQ(revision("t1"), 2);
  EXPECT_EQ(Report("t2", revision("t2")).at("state"), "final");
  EXPECT_EQ(Report("t2", revision("t2")).at("follow_up").at("prior_revision"), 2);
  EXPECT_EQ(Report("t3", revision("t3")).at("follow_up").at("prior_revision"), revision("t2"));
  EXPECT_TRUE(HasFlag(Report("t3", 2), "model_mismatch")) << "until its prior was measured again";
}

}  // namespace
}  // namespace dinsd
