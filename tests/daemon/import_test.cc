#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>

#include "pipeline/prompt/proposal.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/label_file.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/dins_command.h"
#include "tests/daemon/test_daemon.h"
#include "tests/folders.h"

// Studies whose mask others made, in the running daemon.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

/// Two visits of a phantom patient, a thigh; the truth stands for what a reader has drawn.
class ImportTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    visits = new TempFolder;
    const Ran ran =
        Dins("phantom --preset small --seed 3 --timepoints 2 --dicom --out " + visits->path().string() + "/p");
    ASSERT_EQ(ran.status, 0) << ran.output;
  }
  static void TearDownTestSuite() {
    delete visits;
    visits = nullptr;
  }

  static fs::path Visit(const std::string& visit) { return visits->path() / "p" / visit; }
  static fs::path Truth(const std::string& visit) { return Visit(visit) / "truth/truth.nii.gz"; }

  /// Puts a visit ("t1" or "t2") into the watched folder at once: its files (`form`: "study" or "dicom"), and what
  /// `add` puts beside them.
  void Drop(const std::string& visit, bool has_clicks, const std::function<void(const fs::path&)>& add = {},
            const std::string& form = "study") const {
    const fs::path part = daemon.Path(visit + ".part");
    fs::copy(Visit(visit) / form, part, fs::copy_options::recursive);
    for (const fs::directory_entry& entry : fs::directory_iterator(part)) {
      const fs::path file = entry.path();
      if (!file.string().ends_with(".prompts.json")) continue;
      if (!has_clicks) {
        fs::remove(file);
        break;
      }
      json clicks = json::parse(Content(file));
      clicks["provenance"]["source"] = "human";
      std::ofstream(file) << clicks;
      break;
    }
    if (add) add(part);
    fs::rename(part, daemon.Path("incoming") / visit);
  }

  static void AddMask(const fs::path& study, const std::string& visit = "t1") {
    fs::copy(Truth(visit), study / "image.nii.gz.mask.nii.gz");
  }

  [[nodiscard]] fs::path Result(const std::string& visit, int revision = 1) const {
    return daemon.Path("results") / std::to_string(daemon.JobOf(visit).at("job").get<int>()) /
           ("r" + std::to_string(revision));
  }
  [[nodiscard]] json Report(const std::string& visit, int revision = 1) const {
    return json::parse(Content(Result(visit, revision) / "report.json"));
  }
  [[nodiscard]] std::string ReasonOf(const std::string& visit) const {
    const json reason = daemon.JobOf(visit).at("reason");
    return reason.at("code").get<std::string>() + " " + reason.at("sentence").get<std::string>();
  }

  static TempFolder* visits;
  TestDaemon daemon;
};

TempFolder* ImportTest::visits = nullptr;

TEST_F(ImportTest, AMaskOfOthersIsAFinalResultAndAPrior) {
  daemon.weights = fs::path(kSourceFolder) / "model/weights/dins-body.safetensors";
  Drop("t1", false, [](const fs::path& study) { AddMask(study); });
  daemon.Start();
  daemon.WaitForState("t1", "done");
  const json report = Report("t1");
  EXPECT_EQ(report.at("state"), "final");
  EXPECT_EQ(report.at("run").at("mode"), "imported");
  EXPECT_TRUE(report.at("run").at("weights_sha256").is_null());
  EXPECT_EQ(report.at("imported").at("files").at(0).at("file"), "image.nii.gz.mask.nii.gz");
  const LabelMap truth = ReadLabelFile(Truth("t1")), mask = ReadLabelFile(Result("t1") / "mask.nii.gz");
  EXPECT_EQ(mask.labels, truth.labels);
  for (const json& lesion : report.at("lesions")) {
    const auto voxels = std::count(truth.labels.begin(), truth.labels.end(), lesion.at("label").get<int>());
    EXPECT_NEAR(lesion.at("volume_ml").get<double>(), static_cast<double>(voxels) * truth.grid.VoxelVolumeMl(), 1e-9);
    EXPECT_THAT(lesion.at("flags"), testing::Contains("imported"));
  }
  const json provenance = json::parse(Content(Result("t1") / "provenance.json"));
  EXPECT_EQ(provenance.at("imported").at("sha256"), report.at("imported").at("sha256"));
  EXPECT_THAT(Content(Result("t1") / "report.html"), HasSubstr("Final, imported."));
  EXPECT_TRUE(json::parse(Content(Result("t1") / "prompts.json")).at("lesions").empty());

  Drop("t2", false);
  daemon.WaitForState("t2", "done");
  const json followed = Report("t2");
  EXPECT_EQ(followed.at("state"), "preliminary");
  EXPECT_EQ(followed.at("follow_up").at("prior_job"), daemon.JobOf("t1").at("job"));
  ASSERT_FALSE(followed.at("lesions").empty());
  for (std::size_t n = 0; n < followed.at("lesions").size(); ++n) {
    EXPECT_EQ(followed.at("lesions").at(n).at("tracking_uid"), report.at("lesions").at(n).at("tracking_uid"));
    EXPECT_THAT(followed.at("follow_up").at("lesions").at(n).at("flags"), testing::Contains("model_mismatch"));
  }
}

TEST_F(ImportTest, AMaskThatComesLaterMakesTheNextState) {
  Drop("t1", false);
  daemon.Start();
  daemon.WaitForState("t1", "needs_prompts");
  AddMask(daemon.Path("incoming/t1"));
  daemon.WaitForState("t1", "done");
  EXPECT_EQ(Report("t1").at("state"), "final");
}

TEST_F(ImportTest, ClicksOfAPersonGoBeforeItAndTheReportSaysSo) {
  Drop("t1", true, [](const fs::path& study) { AddMask(study); });
  daemon.Start();
  daemon.WaitForState("t1", "done");
  EXPECT_FALSE(Report("t1").contains("imported"));
  EXPECT_THAT(Report("t1").at("image").at("notes").dump(), HasSubstr("image.nii.gz.mask.nii.gz: there are clicks"));
}

TEST_F(ImportTest, CanBeSwitchedOff) {
  daemon.more_settings = "[followup]\nimport_masks = false\n";
  Drop("t1", false, [](const fs::path& study) { AddMask(study); });
  daemon.Start();
  daemon.WaitForState("t1", "needs_prompts");
  EXPECT_THAT(ReasonOf("t1"), testing::AllOf(HasSubstr("NO_PROMPTS"), HasSubstr("import_masks")));
}

TEST_F(ImportTest, OneThatDoesNotFitIsRefusedByName) {
  Drop("t1", false, [](const fs::path& study) {
    LabelMap mask = ReadLabelFile(Truth("t1"));
    mask.grid.spacing[2] += 1;
    WriteNifti(study / "image.nii.gz.mask.nii.gz", mask);
  });
  daemon.Start();
  daemon.WaitForState("t1", "needs_prompts");
  EXPECT_THAT(ReasonOf("t1"), HasSubstr("MASK_GRID"));
}

// A segmentation of organs must not become somebody's tumours.
TEST_F(ImportTest, OfDicomOnlyWhatIsALesionIsTakenAndTheReasonNamesTheRest) {
  const auto convert = [](const std::string& more, const fs::path& out) {
    const Ran ran = Dins("convert " + Truth("t1").string() + " --series " + (Visit("t1") / "dicom").string() +
                         " --created 2026-01-01T00:00:00Z" + more + " --out " + out.string());
    ASSERT_EQ(ran.status, 0) << ran.output;
  };
  const auto disown = [](const fs::path& file) {  // by somebody who says nothing of its regions
    std::string bytes = Content(file);
    for (std::size_t at = bytes.find("dinsd "); at != std::string::npos; at = bytes.find("dinsd ", at + 1))
      bytes.replace(at, 5, "other");
    std::ofstream(file, std::ios::binary) << bytes;
  };
  Drop(
      "t1", false,
      [&](const fs::path& study) {
        convert(" --rtstruct", study / "rt.dcm");
        disown(study / "rt.dcm");
      },
      "dicom");
  daemon.Start();
  daemon.WaitForState("t1", "needs_prompts");
  EXPECT_THAT(ReasonOf("t1"), testing::AllOf(HasSubstr("rt.dcm: region 1"), HasSubstr("import_regions")));
  const Ran explained = Dins("explain " + daemon.Path("incoming/t1").string());
  EXPECT_THAT(explained.output, HasSubstr("mask not taken: rt.dcm: region 1"));

  convert("", daemon.Path("incoming/t1/seg.dcm"));
  const Ran taken = Dins("explain " + daemon.Path("incoming/t1").string());
  EXPECT_EQ(taken.status, 0) << taken.output;
  EXPECT_THAT(taken.output, testing::AllOf(HasSubstr("mask TAKEN"), HasSubstr("seg.dcm"), HasSubstr("made by dinsd")));
  daemon.WaitForState("t1", "done");
  EXPECT_FALSE(fs::exists(Result("t1") / "dicom/seg.dcm")) << "a copy of what was imported";
  EXPECT_TRUE(fs::exists(Result("t1") / "dicom/sr.dcm"));
}

/// Two visits with clicks; those of the second name a segment of the first one's object, and one that there is not.
class NamedPriorTest : public ImportTest {
 protected:
  void StartWithANamedPrior(const std::string& space = "LPS-mm") {
    daemon.weights = fs::path(kSourceFolder) / "model/weights/dins-body.safetensors";
    Drop("t1", true, {}, "dicom");
    daemon.Start();
    daemon.WaitForState("t1", "done");
    seg = PrescanDicom(ReadFileBytes(Result("t1"), "dicom/seg.dcm", 1 << 30), "seg.dcm").sop_instance_uid;
    Drop(
        "t2", true, [&](const fs::path& study) { Name(study, space); }, "dicom");
    daemon.WaitForState("t2", "done");
  }

  void Name(const fs::path& study, const std::string& space) {
    for (const fs::directory_entry& entry : fs::directory_iterator(study)) {
      if (!entry.path().string().ends_with(".prompts.json")) continue;
      sidecar = entry.path().filename();
      json clicks = json::parse(Content(entry.path()));
      clicks["space"] = space;
      clicks.erase("background");
      clicks["lesions"] = {{{"id", "known"}, {"prior", {{"sopInstanceUID", seg}, {"segmentNumber", 1}}}},
                           {{"id", "lost"}, {"prior", {{"sopInstanceUID", "1.2.3"}, {"segmentNumber", 1}}}}};
      naming = clicks.dump();
      std::ofstream(entry.path()) << naming;
    }
  }

  [[nodiscard]] Ran Review(const std::string& command, const std::string& more) const {
    return Dins("review " + command + " " + std::to_string(daemon.JobOf("t2").at("job").get<int>()) + " " + more +
                " --results " + daemon.Path("results").string());
  }

  /// What of the clicks that the answer took the place of lies in the study's folder.
  [[nodiscard]] std::string Kept() const {
    for (const fs::directory_entry& entry : fs::directory_iterator(daemon.Path("incoming/t2"))) {
      if (entry.path().filename().string().starts_with("." + sidecar)) return Content(entry.path());
    }
    return "";
  }

  std::string seg, sidecar, naming;
};

// As the page saves it where the click is right and the lesion without one is left out.
TEST_F(NamedPriorTest, AReviewTakesThePlaceOfTheSidecarThatNamesThePrior) {
  StartWithANamedPrior("RAS-mm");
  const Ran exported = Review("export", "--out " + daemon.Path("review").string());
  ASSERT_EQ(exported.status, 0) << exported.output;
  const std::string proposal = Content(Result("t2") / "prompts.json");
  json review = json::parse(proposal);
  EXPECT_EQ(review.at("space"), "RAS-mm");
  review["lesions"].erase(1);
  for (json& click : review["lesions"][0]["clicks"]) click["status"] = "verified";
  review["provenance"] = {{"source", "human"},
                          {"created", FormatDateTime(UnixNow())},
                          {"tool", "dinsd review"},
                          {"operator", "reader-7"},
                          {"importedFrom", AnswerTo(ProposalDigest(std::as_bytes(std::span(proposal))))}};
  std::ofstream(daemon.Path("answer.prompts.json")) << review;
  const Ran accepted = Review("accept", daemon.Path("answer.prompts.json").string());
  ASSERT_EQ(accepted.status, 0) << accepted.output;
  EXPECT_THAT(accepted.output, HasSubstr("are kept as"));
  EXPECT_EQ(Kept(), naming) << "nothing is lost";
  daemon.WaitUntil("the final revision", [&] { return fs::exists(Result("t2", 2) / "result.json"); });
  const json report = Report("t2", 2);
  EXPECT_EQ(report.at("state"), "final");
  ASSERT_EQ(report.at("lesions").size(), 1U);
  EXPECT_EQ(report.at("lesions").at(0).at("volume_ml"), Report("t2").at("lesions").at(0).at("volume_ml"));
  EXPECT_EQ(report.at("review").at("operator"), "reader-7");
  EXPECT_EQ(report.at("follow_up").at("prior_job"), daemon.JobOf("t1").at("job"));
}

TEST_F(NamedPriorTest, ARejectionTakesItsPlaceToo) {
  StartWithANamedPrior();
  const Ran rejected = Review("reject", "--operator reader-7 --reason 'another leg'");
  ASSERT_EQ(rejected.status, 0) << rejected.output;
  EXPECT_EQ(Kept(), naming);
  daemon.WaitForState("t2", "needs_prompts");
  EXPECT_THAT(ReasonOf("t2"), testing::AllOf(HasSubstr("REVIEW_REJECTED"), HasSubstr("another leg")));
  EXPECT_FALSE(fs::exists(Result("t2", 2)));
}

TEST_F(NamedPriorTest, WhereNothingIsLeftTheStudyNeedsClicks) {
  StartWithANamedPrior();
  json lost = json::parse(naming);
  lost["lesions"].erase(0);
  std::ofstream(daemon.Path("sidecar.part")) << lost;
  fs::rename(daemon.Path("sidecar.part"), daemon.Path("incoming/t2") / sidecar);
  daemon.WaitForState("t2", "needs_prompts");
  EXPECT_THAT(ReasonOf("t2"), testing::AllOf(HasSubstr("PROMPT_PRIOR_MISSING"), HasSubstr("has the objects")));
  EXPECT_FALSE(fs::exists(Result("t2", 2)));
}

TEST_F(NamedPriorTest, OtherClicksThatCameMeanwhileAreNotWrittenOver) {
  StartWithANamedPrior();
  const fs::path other = daemon.Path("incoming/t2/other.prompts.json");
  json clicks = json::parse(naming);
  clicks["provenance"]["created"] = "2020-01-01T00:00:00Z";
  std::ofstream(other) << clicks;
  const Ran rejected = Review("reject", "--operator reader-7");
  EXPECT_EQ(rejected.status, 1);
  EXPECT_THAT(rejected.output, testing::AllOf(HasSubstr("other.prompts.json"), HasSubstr("Take that file away")));
  EXPECT_EQ(Content(daemon.Path("incoming/t2") / sidecar), naming);
}

// Clicks may name a lesion by a segment of an earlier study's object, in whatever order the two come.
TEST_F(NamedPriorTest, ASegmentThatTheClicksNameIsBroughtOver) {
  StartWithANamedPrior();
  const json provenance = json::parse(Content(Result("t1") / "provenance.json"));
  EXPECT_THAT(provenance.at("objects"), testing::Contains(seg));
  const json report = Report("t2");
  EXPECT_EQ(report.at("state"), "preliminary");
  EXPECT_EQ(report.at("follow_up").at("prior_job"), daemon.JobOf("t1").at("job"));
  ASSERT_EQ(report.at("follow_up").at("lesions").size(), 1U);
  EXPECT_EQ(report.at("follow_up").at("lesions").at(0).at("tracking_id"), "known");
  EXPECT_GT(report.at("lesions").at(0).at("volume_ml"), 0);
  EXPECT_THAT(report.at("lesions").at(1).at("flags"), testing::Contains("PROMPT_PRIOR_MISSING"));
  EXPECT_EQ(report.at("lesions").at(0).at("tracking_uid"),
            report.at("follow_up").at("lesions").at(0).at("tracking_uid"));
}

}  // namespace
}  // namespace dinsd
