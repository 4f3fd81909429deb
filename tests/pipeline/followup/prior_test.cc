#include "pipeline/followup/prior.h"

#include <gmock/gmock.h>

#include <fstream>

#include "pipeline/phantom/phantom_files.h"
#include "pipeline/read/label_file.h"
#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/result_folder.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A phantom's study, and a result that holds its truth.
class PriorTest : public testing::Test {
 protected:
  PriorTest() {
    WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 3}), folder_.path());
    study_ = InspectStudy(Study(), "study", ListStudyFiles(Study()), {});
    result_.study = study_;
    result_.image = ChosenImage(study_);
    result_.volume = ReadStudyImage(Study(), result_.image, {});
    result_.mask = ReadLabelFile(folder_.path() / "truth/truth.nii.gz");
    result_.mask.grid = result_.volume.grid;
    result_.unprompted = {result_.volume.grid, std::vector<std::uint16_t>(result_.mask.labels.size(), 0)};
    std::uint16_t most = 0;
    for (const std::uint16_t label : result_.mask.labels) most = std::max(most, label);
    for (std::uint16_t label = 1; label <= most; ++label) {
      LesionResult lesion;
      lesion.id = "L" + std::to_string(label);
      lesion.label = label;
      lesion.volume_ml = label;
      lesion.slices_spanned = 4;
      result_.lesions.push_back(lesion);
      result_.prompts.prompts.lesions.push_back({.id = lesion.id, .tracking_uid = "2.25." + std::to_string(label)});
    }
    today_ = study_.identity;
    today_.study_date = "2099-01-01";
  }

  [[nodiscard]] fs::path Study() const { return folder_.path() / "study"; }

  ResultPlace Published() {
    const fs::path place = folder_.path() / "result";
    fs::create_directory(place);
    const StagedResult staged =
        WriteResultFolder(place, result_, result_.volume, {.job_id = "12", .revision = 3}, std::string(64, 'k'));
    return {place, staged.result_sha256, Study(), "study"};
  }

  std::string CodeOf(const ResultPlace& place, InputVerdict verdict = InputVerdict::kNeedsPrompts) {
    try {
      (void)ReadPrior(place, today_, {});
      return "";
    } catch (const InputError& error) {
      EXPECT_EQ(error.verdict(), verdict) << error.what();
      return error.code();
    }
  }

  TempFolder folder_;
  InspectedStudy study_;
  StudyResult result_;
  StudyIdentity today_;
};

TEST_F(PriorTest, IsReadAsItWasPublished) {
  result_.lesions[0].flags = {"touches_border"};
  const Prior prior = ReadPrior(Published(), today_, {});
  EXPECT_EQ(prior.study_date, study_.identity.study_date);
  EXPECT_EQ(prior.measured.job, 12);
  EXPECT_EQ(prior.measured.revision, 3);
  ASSERT_EQ(prior.measured.lesions.size(), result_.lesions.size());
  EXPECT_EQ(prior.measured.lesions[1].id, "L2");
  EXPECT_EQ(prior.measured.lesions[1].tracking_uid, "2.25.2");
  EXPECT_EQ(prior.measured.lesions[1].volume_ml, 2);
  EXPECT_TRUE(prior.measured.lesions[0].touches_border);
  EXPECT_FALSE(prior.measured.lesions[1].touches_border);
  EXPECT_EQ(prior.measured.mask.labels, result_.mask.labels);
  EXPECT_EQ(prior.measured.volumes.whole.voxels, result_.volume.voxels);
}

// What its DICOM objects were given must not change at the next timepoint.
TEST_F(PriorTest, ALesionWithoutATrackingUidKeepsTheOneOfItsSegment) {
  result_.prompts.prompts.lesions[1].tracking_uid.clear();
  const Prior prior = ReadPrior(Published(), today_, {});
  EXPECT_EQ(prior.measured.lesions[1].tracking_uid,
            TrackingUidOf(study_.identity.study_uid, result_.image.series_uid, "L2"));
}

TEST_F(PriorTest, OfAnotherPatientIsNeverRead) {
  const ResultPlace place = Published();
  today_.patient = "somebody else";
  EXPECT_EQ(CodeOf(place, InputVerdict::kQuarantined), "PRIOR_OTHER_PATIENT");
  today_.patient = study_.identity.patient;
  today_.issuer = "another hospital";
  EXPECT_EQ(CodeOf(place, InputVerdict::kQuarantined), "PRIOR_OTHER_PATIENT");
  today_ = {};
  today_.study_date = "2099-01-01";
  EXPECT_EQ(CodeOf(place, InputVerdict::kQuarantined), "PRIOR_OTHER_PATIENT") << "nobody is nobody's prior";
}

TEST_F(PriorTest, MustBeEarlierFinalAndHoldSomething) {
  today_.study_date = study_.identity.study_date;
  EXPECT_EQ(CodeOf(Published()), "PRIOR_NOT_EARLIER");
  fs::remove_all(folder_.path() / "result");
  today_.study_date = "2099-01-01";
  result_.is_preliminary = true;
  EXPECT_EQ(CodeOf(Published()), "PRIOR_PRELIMINARY");
  fs::remove_all(folder_.path() / "result");
  result_.is_preliminary = false;
  result_.mask.labels.assign(result_.mask.labels.size(), 0);
  EXPECT_EQ(CodeOf(Published()), "PRIOR_EMPTY");
}

TEST_F(PriorTest, MustBeTheFilesThatWerePublishedAndSegmented) {
  ResultPlace place = Published();
  place.result_sha256[0] = place.result_sha256[0] == 'a' ? 'b' : 'a';
  EXPECT_EQ(CodeOf(place), "PRIOR_RESULT");
  place = {folder_.path() / "nowhere", place.result_sha256, Study(), "study"};
  EXPECT_EQ(CodeOf(place), "PRIOR_RESULT");
}

TEST_F(PriorTest, WhoseImagesWereReplacedIsNotRead) {
  const ResultPlace place = Published();
  TempFolder other;
  WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 4}), other.path());
  fs::copy_file(other.path() / "study/image.nii.gz", Study() / "image.nii.gz", fs::copy_options::overwrite_existing);
  fs::remove(Study() / "study.json");
  EXPECT_NE(CodeOf(place), "");
  fs::remove_all(Study());
  EXPECT_EQ(CodeOf(place), "PRIOR_IMAGES");
}

}  // namespace
}  // namespace dinsd
