#include "pipeline/followup/proposal_file.h"

#include <dcmtk/dcmdata/dcuid.h>
#include <gmock/gmock.h>

#include "pipeline/read/input_error.h"
#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/result_folder.h"
#include "tests/pipeline/write/made_result.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

using testing::Contains;
using testing::Not;

/// A preliminary result that was followed, and its prior as it was measured again since.
class ProposalFileTest : public testing::Test {
 protected:
  ProposalFileTest() {
    today.result.is_preliminary = true;
    Prompts& prompts = today.result.prompts.prompts;
    prompts.image.series_uid = today.result.image.series_uid;
    prompts.provenance = {.source = "propagated", .created = "2024-03-05T10:00:00Z"};
    for (PromptLesion& lesion : prompts.lesions) lesion.clicks.resize(1);
    FollowUp& follow_up = today.result.follow_up.emplace();
    follow_up.revision = 1;
    follow_up.result_sha256 = std::string(64, '1');
    follow_up.prior_mask = today.result.mask;
  }

  void Follow(const std::string& id, const std::string& tracking_uid, double volume_ml) {
    FollowedLesion lesion;
    lesion.prior.id = id;
    lesion.prior.tracking_uid = tracking_uid;
    lesion.prior.label = static_cast<std::uint16_t>(today.result.follow_up->lesions.size() + 1);
    lesion.prior.volume_ml = volume_ml;
    lesion.prior.slices_spanned = 9;
    lesion.prior.change_log_sd = 0.1;
    today.result.follow_up->lesions.push_back(lesion);
  }

  [[nodiscard]] ResultPlace Publish(StudyResult& result, const std::string& name, int revision) const {
    const std::filesystem::path place = folder.path() / name;
    std::filesystem::create_directory(place);
    const StagedResult staged =
        WriteResultFolder(place, result, result.volume, {.job_id = "12", .revision = revision}, std::string(64, 'k'));
    return {place, staged.result_sha256, "", name};
  }

  [[nodiscard]] std::vector<FollowedLesion> Read() {
    const ReviewedResult results{Publish(today.result, "today", 1), Publish(prior.result, "prior", 4)};
    const Proposal proposal = ReadProposal(results, {});
    EXPECT_EQ(proposal.follow_up->revision, 4);
    EXPECT_EQ(proposal.follow_up->proposed_from, 1) << "where the clicks came from, whatever is compared";
    EXPECT_EQ(proposal.follow_up->result_sha256, results.prior->result_sha256);
    return proposal.follow_up->lesions;
  }

  TempFolder folder;
  MadeResult today{3}, prior{3};
};

TEST_F(ProposalFileTest, ALesionOfThePriorIsTheSameByItsTrackingUidAlone) {
  std::vector<PromptLesion>& named = prior.result.prompts.prompts.lesions;
  named[0].tracking_uid = "2.25.50";
  named[1].tracking_uid = "2.25.7";
  named[2].tracking_uid.clear();
  const std::string made_uid =
      TrackingUidOf(prior.result.study.identity.study_uid, prior.result.image.series_uid, prior.result.lesions[2].id);
  Follow("L1", "2.25.7", 100);
  Follow("L2", "2.25.99", 200);  // another lesion is called so now
  Follow("renamed", made_uid, 300);
  const std::vector<FollowedLesion> lesions = Read();
  ASSERT_EQ(lesions.size(), 3U);
  EXPECT_EQ(lesions[0].prior.volume_ml, prior.result.lesions[1].volume_ml);
  EXPECT_EQ(lesions[0].prior.slices_spanned, prior.result.lesions[1].slices_spanned);
  EXPECT_THAT(lesions[0].flags, Not(Contains("prior_revised")));
  EXPECT_EQ(lesions[1].prior.volume_ml, 200) << "its own, from before";
  EXPECT_THAT(lesions[1].flags, Contains("prior_revised"));
  EXPECT_FALSE(lesions[1].prior.change_log_sd.has_value());
  EXPECT_EQ(lesions[2].prior.volume_ml, prior.result.lesions[2].volume_ml);
  EXPECT_THAT(lesions[2].flags, Not(Contains("prior_revised")));
}

TEST_F(ProposalFileTest, ThePriorsObjectsAreThoseOfWhatIsCompared) {
  prior.result.prompts.prompts.lesions[0].tracking_uid = "2.25.1";
  const ObjectPart before{"1.2.3", "1.2.3.4", UID_SegmentationStorage, "1.2.3.4.5", 2};
  Follow("L1", "2.25.1", 1);
  Follow("L2", "2.25.99", 1);
  for (FollowedLesion& lesion : today.result.follow_up->lesions) lesion.prior.objects = {before};
  const Proposal same = ReadProposal({Publish(today.result, "as it was", 1), std::nullopt}, {});
  EXPECT_THAT(same.follow_up->lesions.at(0).prior.objects, testing::ElementsAre(before));
  EXPECT_FALSE(same.follow_up->proposed_from.has_value());
  const std::vector<FollowedLesion> lesions = Read();
  EXPECT_THAT(lesions.at(0).prior.objects, testing::IsEmpty()) << "measured again, and that result has no objects";
  EXPECT_THAT(lesions.at(1).prior.objects, testing::ElementsAre(before)) << "its volume is the one from before";
}

TEST_F(ProposalFileTest, WhetherThePriorReachesTheBorderIsThatOfNow) {
  prior.result.prompts.prompts.lesions[0].tracking_uid = "2.25.1";
  prior.result.prompts.prompts.lesions[1].tracking_uid = "2.25.2";
  prior.result.lesions[0].flags = {"touches_border"};
  Follow("L1", "2.25.1", 1);
  Follow("L2", "2.25.2", 1);
  today.result.follow_up->lesions[1].flags = {"prior_touches_border", "reg_roundtrip"};
  const std::vector<FollowedLesion> lesions = Read();
  EXPECT_THAT(lesions.at(0).flags, testing::ElementsAre("prior_touches_border"));
  EXPECT_THAT(lesions.at(1).flags, testing::ElementsAre("reg_roundtrip"));
}

}  // namespace
}  // namespace dinsd
