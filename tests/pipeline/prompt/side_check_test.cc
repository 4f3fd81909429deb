#include "pipeline/prompt/side_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dinsd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A body of 300 mm width, x from 50 to 350 mm, in an image of 400 mm; `i_to_left` says which way i runs.
Volume Body(bool i_to_left = true) {
  Volume volume{.grid = {.size = {41, 3, 2}, .spacing = {10, 5, 10}}, .voxels = std::vector<float>(41 * 3 * 2, 0)};
  if (!i_to_left) {
    volume.grid.direction[0] = -1;
    volume.grid.origin[0] = 400;
  }
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t i = 5; i <= 35; ++i) volume.voxels[row * 41 + i] = 7;
  }
  return volume;
}

struct Flagged {
  std::vector<std::string> flags, warnings;
};

// What is said of one lesion with positive clicks at these i, and a negative one far to the other side.
Flagged Said(const Volume& volume, const std::string& laterality, const std::vector<std::int64_t>& clicks_i) {
  Prompts prompts;
  prompts.lesions.push_back({.id = "L1", .laterality = laterality});
  ResolvedPrompts resolved;
  resolved.lesions.push_back({.id = "L1"});
  for (const std::int64_t i : clicks_i) resolved.lesions[0].clicks.push_back({.ijk = {i, 1, 0}});
  resolved.lesions[0].clicks.push_back({.ijk = {40 - clicks_i[0], 1, 1}, .sign = Polarity::kNegative});
  FlagSideConflicts(volume, prompts, resolved);
  return {resolved.lesions[0].flags, resolved.warnings};
}

TEST(SideCheck, FlagsALesionWhoseClicksLieOnTheOtherSide) {
  EXPECT_THAT(Said(Body(), "R", {30}).flags, ElementsAre("side_conflict"));
  EXPECT_THAT(Said(Body(), "L", {10}).flags, ElementsAre("side_conflict"));
  EXPECT_THAT(Said(Body(), "L", {30}).flags, IsEmpty());
  EXPECT_THAT(Said(Body(), "R", {10}).flags, IsEmpty());
}

TEST(SideCheck, SaysOnceWhatMayBeBehindIt) {
  EXPECT_THAT(Said(Body(), "R", {30}).warnings, ElementsAre(HasSubstr("left and right of the clicks file")));
  EXPECT_THAT(Said(Body(), "L", {30}).warnings, IsEmpty());
}

TEST(SideCheck, GoesByThePatientsSidesAndNotByTheColumns) {
  EXPECT_THAT(Said(Body(false), "R", {10}).flags, ElementsAre("side_conflict"));
  EXPECT_THAT(Said(Body(false), "R", {30}).flags, IsEmpty());
}

TEST(SideCheck, LeavesTwentyMillimetresAndTakesTheMeanOfTheClicks) {
  EXPECT_THAT(Said(Body(), "R", {22}).flags, IsEmpty());
  EXPECT_THAT(Said(Body(), "R", {23}).flags, ElementsAre("side_conflict"));
  EXPECT_THAT(Said(Body(), "R", {30, 11}).flags, IsEmpty()) << "0.5 voxel beyond the middle";
}

TEST(SideCheck, SaysNothingWhereNoSideIsStated) {
  for (const char* laterality : {"", "B", "U"}) EXPECT_THAT(Said(Body(), laterality, {30}).flags, IsEmpty());
}

TEST(SideCheck, TakesTheMiddleOfTheVoxelsAboveZero) {
  Volume volume = Body();
  EXPECT_NEAR(*BodyMiddleX(volume), 200, 1e-9);
  volume.grid.origin[0] = -50;
  EXPECT_NEAR(*BodyMiddleX(volume), 150, 1e-9);
}

TEST(SideCheck, KnowsNoMiddleOfAnEmptyImageAndOfOneLimb) {
  Volume volume = Body();
  volume.grid.spacing[0] = 8;  // 240 mm
  EXPECT_FALSE(BodyMiddleX(volume).has_value());
  EXPECT_THAT(Said(volume, "R", {30}).flags, IsEmpty());
  volume = Body();
  std::fill(volume.voxels.begin(), volume.voxels.end(), 0.0F);
  EXPECT_FALSE(BodyMiddleX(volume).has_value());
}

}  // namespace
}  // namespace dinsd
