#include "pipeline/followup/propose.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/random.h"

namespace dinsd {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

using Ijk = std::array<std::int64_t, 3>;

// Coronal: slices along y, which is axis k of the grid here.
LabelMap Empty(Ijk size = {40, 40, 10}) {
  LabelMap mask;
  mask.grid.size = size;
  mask.grid.spacing = {1.5, 1.5, 6};
  mask.grid.direction = {1, 0, 0, 0, 0, 1, 0, -1, 0};
  mask.labels.assign(mask.grid.SizeZyx().VoxelCount(), 0);
  return mask;
}

std::uint16_t& At(LabelMap& mask, const Ijk& ijk) {
  return mask.labels[Offset(mask.grid.SizeZyx(), {ijk[2], ijk[1], ijk[0]})];
}

void PutDisc(LabelMap& mask, std::uint16_t label, std::int64_t k, std::int64_t i, std::int64_t j, double radius) {
  for (std::int64_t b = 0; b < mask.grid.size[1]; ++b) {
    for (std::int64_t a = 0; a < mask.grid.size[0]; ++a) {
      if (std::hypot(a - i, b - j) <= radius) At(mask, {a, b, k}) = label;
    }
  }
}

TEST(InteriorVoxelsTest, AreOneToThreeByTheSlicesThatALesionSpans) {
  for (const auto& [slices, count] : {std::pair{1, 1}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {8, 3}}) {
    LabelMap mask = Empty();
    for (std::int64_t k = 0; k < slices; ++k) PutDisc(mask, 4, k + 1, 20, 20, 5);
    EXPECT_THAT(InteriorVoxels(mask, 4), SizeIs(count)) << slices << " slices";
  }
  EXPECT_THAT(InteriorVoxels(Empty(), 4), IsEmpty());
}

TEST(InteriorVoxelsTest, LieInTheMiddleOfADiscAndOnTheThickPart) {
  LabelMap mask = Empty();
  PutDisc(mask, 1, 3, 11, 27, 6);
  EXPECT_EQ(InteriorVoxels(mask, 1), (std::vector<Ijk>{{11, 27, 3}}));
  PutDisc(mask, 1, 4, 11, 27, 2);
  EXPECT_EQ(InteriorVoxels(mask, 1), (std::vector<Ijk>{{11, 27, 3}})) << "the slice with most of the volume";
}

TEST(InteriorVoxelsTest, AreNotInTheHoleOfARing) {
  LabelMap mask = Empty();
  PutDisc(mask, 1, 3, 20, 20, 9);
  PutDisc(mask, 0, 3, 20, 20, 5);
  for (const Ijk& voxel : InteriorVoxels(mask, 1)) EXPECT_EQ(At(mask, voxel), 1);
}

PriorLesion Lesion(const std::string& id, std::uint16_t label) {
  PriorLesion lesion;
  lesion.id = id;
  lesion.tracking_uid = "2.25." + std::to_string(label);
  lesion.label = label;
  lesion.laterality = "L";
  return lesion;
}

TEST(ProposePromptsTest, IdentityGoesAlongAndALesionThatIsNotShownHasNone) {
  LabelMap mask = Empty();
  PutDisc(mask, 2, 3, 11, 27, 6);
  const Prompts prompts = ProposePrompts({Lesion("arm", 1), Lesion("leg", 2)}, mask, {}, "2026-11-29T10:00:00Z");
  ASSERT_THAT(prompts.lesions, SizeIs(1));
  EXPECT_EQ(prompts.lesions[0].id, "leg");
  EXPECT_EQ(prompts.lesions[0].tracking_uid, "2.25.2");
  EXPECT_EQ(prompts.lesions[0].laterality, "L");
  const std::array<double, 3> expected = LpsFromIndex(mask.grid, {11, 27, 3});
  for (std::size_t axis = 0; axis < 3; ++axis)
    EXPECT_NEAR(prompts.lesions[0].clicks[0].p.at(axis), expected.at(axis), 1e-9);
}

// The guard against a bias towards no change: whatever the prior's masks look like, no click of theirs is negative,
// none lies outside of them, and none counts as verified.
TEST(ProposePromptsTest, OfAThousandRandomPriorsNoClickIsNegativeVerifiedOrOutside) {
  TestRandom random(20261130);
  std::size_t clicks = 0;
  for (int round = 0; round < 1000; ++round) {
    LabelMap mask = Empty({12 + random.Below(12), 12 + random.Below(12), 2 + random.Below(8)});
    std::vector<PriorLesion> lesions;
    for (std::uint16_t label = 1; label <= 1 + random.Below(6); ++label) {
      lesions.push_back(Lesion("L" + std::to_string(label), label));
      const std::int64_t first = random.Below(mask.grid.size[2]), last = random.Below(mask.grid.size[2]);
      for (std::int64_t k = std::min(first, last); k <= std::max(first, last); ++k)
        PutDisc(mask, label, k, random.Below(mask.grid.size[0]), random.Below(mask.grid.size[1]), 5 * random.Unit());
    }
    const Prompts prompts = ProposePrompts(lesions, mask, {.series_uid = "1.2.3"}, "2026-11-29T10:00:00Z");
    EXPECT_NO_THROW(CheckPrompts(prompts, "proposal"));
    EXPECT_TRUE(prompts.background.empty());
    EXPECT_EQ(prompts.provenance.source, "propagated");
    for (const PromptLesion& lesion : prompts.lesions) {
      for (const PromptClick& click : lesion.clicks) {
        ++clicks;
        ASSERT_EQ(click.sign, Polarity::kPositive);
        ASSERT_EQ(StatusOf(click, prompts.provenance), ClickStatus::kProposed);
        const std::array<double, 3> at = IndexFromLps(mask.grid, click.p);
        const Ijk voxel = {std::llround(at[0]), std::llround(at[1]), std::llround(at[2])};
        ASSERT_EQ("L" + std::to_string(At(mask, voxel)), lesion.id);
      }
    }
    const std::string text = PromptsToJson(prompts).dump();
    const Prompts again = ParsePrompts(std::as_bytes(std::span(text)), "proposal");
    EXPECT_EQ(again.lesions.size(), prompts.lesions.size());
  }
  EXPECT_GT(clicks, 2000U);
}

}  // namespace
}  // namespace dinsd
