#include "pipeline/followup/named_priors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/prompt/proposal.h"
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
    const std::optional<NamedLesion> lesion = LesionOfPrior(named, {folder.path(), "", made.root(), "made"}, {});
    EXPECT_FALSE(lesion && lesion->is_superseded);
    return lesion ? std::optional(lesion->label) : std::nullopt;
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
  ASSERT_EQ(given.prompts.warnings.size(), 3U) << "each that is skipped says why";
  EXPECT_THAT(given.prompts.warnings[0], testing::HasSubstr("does not lie in today's field of view"));
  EXPECT_THAT(given.prompts.warnings[1], testing::HasSubstr("no such segment or region"));
  EXPECT_THAT(given.prompts.warnings[2], testing::HasSubstr("names the same one"));
  EXPECT_TRUE(lesions[3].clicks.empty());
  EXPECT_TRUE(lesions[4].clicks.empty()) << "one lesion is not two";
  ASSERT_EQ(followed.follow_up.lesions.size(), 2U);
  EXPECT_EQ(followed.follow_up.lesions[0].prior.id, "arm");
  EXPECT_EQ(followed.follow_up.lesions[1].prior.id, "hip");
}

/// Two revisions of one result: in the second one the lesions stand in another order.
class SupersededPriorTest : public testing::Test {
 protected:
  void Publish(int revision, const std::vector<std::string>& tracking_uids, bool is_preliminary = false) {
    MadeResult made(static_cast<int>(tracking_uids.size()));
    for (std::size_t n = 0; n < tracking_uids.size(); ++n)
      made.result.prompts.prompts.lesions[n].tracking_uid = tracking_uids[n];
    made.result.is_preliminary = is_preliminary;
    const std::optional<DicomOutput> dicom = made.Output();
    std::filesystem::create_directory(Place(revision).result);
    (void)WriteResultFolder(Place(revision).result, made.result, made.result.volume,
                            {"7", revision, "2026-01-01T00:00:00Z", "dinsd"},
                            std::string(64, static_cast<char>('a' + revision)), &*dicom);
  }
  [[nodiscard]] ResultPlace Place(int revision) const {
    std::string name = "r";
    return {folder.path() / name.append(std::to_string(revision)), "", "", "made"};
  }
  [[nodiscard]] std::string SegOf(int revision) const {
    const std::string file = "dicom/seg.dcm";
    return PrescanDicom(ReadFileBytes(Place(revision).result, file, 1 << 30), file).sop_instance_uid;
  }

  TempFolder folder;
};

TEST_F(SupersededPriorTest, ItsLesionIsTheOneOfItsTrackingUidNow) {
  Publish(1, {"2.25.1", "2.25.2", "2.25.3"});
  Publish(2, {"2.25.3", "2.25.1"});
  ASSERT_NE(SegOf(1), SegOf(2));
  const auto find = [&](int revision, int segment) {
    return LesionOfPrior({SegOf(revision), segment, {}}, Place(2), {});
  };
  EXPECT_EQ(find(1, 1).value().label, 2);
  EXPECT_TRUE(find(1, 1).value().is_superseded);
  EXPECT_EQ(find(1, 3).value().label, 1);
  EXPECT_FALSE(find(1, 2).has_value()) << "it is not there any more";
  EXPECT_EQ(find(2, 2).value().label, 2);
  EXPECT_FALSE(find(2, 2).value().is_superseded);
  EXPECT_FALSE(LesionOfPrior({SegOf(2), 1, {}}, Place(1), {}).has_value()) << "a later one supersedes nothing";
}

TEST_F(SupersededPriorTest, NobodyVerifiedAPreliminaryOne) {
  Publish(1, {"2.25.1"}, true);
  Publish(2, {"2.25.1"});
  EXPECT_FALSE(LesionOfPrior({SegOf(1), 1, {}}, Place(2), {}).has_value());
}

TEST_F(SupersededPriorTest, WhatWasFollowedForItIsFlagged) {
  Publish(1, {"2.25.1"});
  Publish(2, {"2.25.1"});
  Followed followed;
  followed.follow_up.lesions.resize(1);
  followed.follow_up.lesions[0].prior.id = "L1";
  followed.follow_up.lesions[0].prior.label = 1;
  followed.prompts.lesions = {{.id = "L1", .clicks = {PromptClick{}}}};
  PairedPrompts clicks;
  clicks.prompts.lesions = {{.id = "arm", .prior = PromptPrior{SegOf(1), 1, {}}}};
  const PairedPrompts given = WithNamedPriors(clicks, Place(2), {}, followed);
  EXPECT_EQ(given.prompts.lesions[0].clicks.size(), 1U);
  EXPECT_THAT(followed.follow_up.lesions.at(0).flags, testing::ElementsAre("prior_superseded"));
  EXPECT_THAT(given.prompts.warnings, testing::ElementsAre(testing::HasSubstr("superseded")));
}

PairedPrompts Named(const std::vector<PromptLesion>& others) {
  PairedPrompts clicks;
  clicks.file = "a.prompts.json";
  clicks.prompts.lesions = {{.id = "arm", .prior = PromptPrior{"1.2.3", 1, {}}}};
  clicks.prompts.lesions.insert(clicks.prompts.lesions.end(), others.begin(), others.end());
  return clicks;
}

std::function<Followed()> Refusing(InputVerdict verdict) {
  return [verdict]() -> Followed { throw InputError("PRIOR_REFUSED", "t1", "", "another body", verdict); };
}

const PromptLesion kClicked{.id = "leg", .clicks = {PromptClick{}}};

TEST(FollowNamedPriorsTest, ARefusedPriorSkipsItsLesionsAlone) {
  const NamedClicks named = FollowNamedPriors(Named({kClicked}), {}, {}, Refusing(InputVerdict::kNeedsPrompts));
  EXPECT_FALSE(named.follow_up.has_value());
  EXPECT_TRUE(named.clicks.prompts.lesions[0].clicks.empty());
  EXPECT_EQ(named.clicks.prompts.lesions[1].clicks.size(), 1U);
  EXPECT_THAT(named.clicks.prompts.warnings, testing::ElementsAre(testing::HasSubstr("PRIOR_REFUSED: another body")));
  EXPECT_NO_THROW(RefuseWithoutPriors(named.clicks));
}

TEST(FollowNamedPriorsTest, WhereNothingIsLeftOrThePatientIsInDoubtItIsRefused) {
  for (const auto& [others, verdict] : std::vector<std::pair<std::vector<PromptLesion>, InputVerdict>>{
           {{}, InputVerdict::kNeedsPrompts}, {{kClicked}, InputVerdict::kQuarantined}}) {
    try {
      (void)FollowNamedPriors(Named(others), {}, {}, Refusing(verdict));
      ADD_FAILURE();
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), "PRIOR_REFUSED");
      EXPECT_EQ(error.verdict(), verdict);
    }
  }
}

TEST(FollowNamedPriorsTest, PriorsAloneOfWhichNothingCameNeedAPersonsClicks) {
  PairedPrompts clicks = Named({});
  clicks.prompts.warnings = {"just so"};
  try {
    RefuseWithoutPriors(clicks, {"another note", kNoNamedPrior + std::string("nobody has it")});
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), "PROMPT_PRIOR_MISSING");
    EXPECT_EQ(error.verdict(), InputVerdict::kNeedsPrompts);
    EXPECT_EQ(error.file(), "a.prompts.json");
    EXPECT_THAT(error.sentence(), testing::HasSubstr("just so; nobody has it"));
  }
  clicks.prompts.lesions.clear();
  EXPECT_NO_THROW(RefuseWithoutPriors(clicks)) << "no tumour is marked: that is an answer";
}

}  // namespace
}  // namespace dinsd
