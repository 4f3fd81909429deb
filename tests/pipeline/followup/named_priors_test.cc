#include "pipeline/followup/named_priors.h"

#include <gtest/gtest.h>

#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/write/result_folder.h"
#include "tests/pipeline/write/made_result.h"

namespace dinsd {
namespace {

/// A published result of three lesions with its objects.
class NamedPriorsTest : public testing::Test {
 protected:
  NamedPriorsTest() {
    const std::optional<DicomOutput> dicom = made.Output();
    (void)WriteResultFolder(folder.path(), made.result, made.result.volume, {"7", 1, "2026-01-01T00:00:00Z", "dinsd"},
                            std::string(64, 'a'), &*dicom);
  }

  [[nodiscard]] std::string UidOf(const std::string& file) const {
    return PrescanDicom(ReadFileBytes(folder.path(), file, 1 << 30), file).sop_instance_uid;
  }
  [[nodiscard]] std::optional<std::uint16_t> Label(const PromptPrior& named) const {
    return LabelOfPrior(named, {folder.path(), "", made.root(), "made"}, {});
  }

  TempFolder folder;
  MadeResult made{3};
};

TEST_F(NamedPriorsTest, AnObjectOfTheResultAndANumberMeanALesion) {
  const std::string seg = UidOf("dicom/seg.dcm"), rtstruct = UidOf("dicom/rtstruct.dcm");
  EXPECT_EQ(made.result.object_uids.size(), 3U);
  EXPECT_EQ(Label({seg, 2, {}}), 2);
  EXPECT_EQ(Label({rtstruct, {}, 3}), 3);
  EXPECT_FALSE(Label({seg, 4, {}}));
  EXPECT_FALSE(Label({seg, {}, {}})) << "which of three?";
  EXPECT_FALSE(Label({"1.2.3", 1, {}}));
  EXPECT_FALSE(Label({UidOf("dicom/sr.dcm"), 1, {}}));
}

TEST_F(NamedPriorsTest, ClicksAreProposedForTheLesionsThatNameOne) {
  const std::string seg = UidOf("dicom/seg.dcm");
  Followed followed;
  for (const std::uint16_t label : {1, 2, 3}) {
    FollowedLesion lesion;
    lesion.prior.id = std::string("L").append(std::to_string(label));
    lesion.prior.tracking_uid = std::string("1.2.9.").append(std::to_string(label));
    lesion.prior.label = label;
    followed.follow_up.lesions.push_back(lesion);
    if (label == 3) continue;  // its place is not imaged
    PromptLesion proposed{.id = lesion.prior.id};
    proposed.clicks = {{.p = {1.0 * label, 20, 30}, .status = ClickStatus::kProposed}};
    followed.prompts.lesions.push_back(proposed);
  }
  PairedPrompts clicks;
  clicks.sha256 = "as queued";
  clicks.prompts.space = PromptSpace::kRasMm;
  clicks.prompts.lesions = {{.id = "arm", .prior = PromptPrior{seg, 2, {}}},
                            {.id = "leg", .clicks = {{.p = {5, 5, 5}}}, .prior = PromptPrior{seg, 1, {}}},
                            {.id = "hip", .prior = PromptPrior{seg, 3, {}}},
                            {.id = "gone", .prior = PromptPrior{"1.2.3", 1, {}}},
                            {.id = "arm again", .prior = PromptPrior{seg, 2, {}}}};
  const PairedPrompts given = WithNamedPriors(clicks, {folder.path(), "", made.root(), "made"}, {}, followed);
  EXPECT_EQ(given.sha256, "as queued");
  const std::vector<PromptLesion>& lesions = given.prompts.lesions;
  ASSERT_EQ(lesions[0].clicks.size(), 1U);
  EXPECT_EQ(lesions[0].clicks[0].p, (std::array<double, 3>{-2, -20, 30})) << "in the space of the file";
  EXPECT_EQ(lesions[0].clicks[0].status, ClickStatus::kProposed);
  EXPECT_EQ(lesions[0].tracking_uid, "1.2.9.2");
  EXPECT_EQ(lesions[1].clicks.size(), 1U) << "a person's click stands";
  EXPECT_TRUE(lesions[1].tracking_uid.empty());
  EXPECT_TRUE(lesions[2].clicks.empty());
  EXPECT_EQ(given.prompts.warnings.size(), 1U);
  EXPECT_TRUE(lesions[3].clicks.empty());
  EXPECT_TRUE(lesions[4].clicks.empty()) << "one lesion is not two";
  ASSERT_EQ(followed.follow_up.lesions.size(), 2U);
  EXPECT_EQ(followed.follow_up.lesions[0].prior.id, "arm");
  EXPECT_EQ(followed.follow_up.lesions[1].prior.id, "hip");
}

}  // namespace
}  // namespace dinsd
