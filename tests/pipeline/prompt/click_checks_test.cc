#include "pipeline/prompt/click_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dinsd {
namespace {

using testing::ElementsAre;

// Tissue of 50 with air of 1 along the first columns and a bright spot of 3 x 3 voxels in the middle of slice 2;
// coronal slices of 5 mm along j.
Volume Slab() {
  Volume volume{.grid = {.size = {40, 5, 40}, .spacing = {2, 5, 2}}, .voxels = std::vector<float>(40 * 5 * 40, 50)};
  const auto at = [&](int i, int j, int k) -> float& {
    return volume.voxels[static_cast<std::size_t>((k * 5 + j) * 40 + i)];
  };
  for (int k = 0; k < 40; ++k) {
    for (int j = 0; j < 5; ++j) {
      for (int i = 0; i < 4; ++i) at(i, j, k) = i < 1 ? 1 : 2;
    }
  }
  for (int k = 19; k <= 21; ++k) {
    for (int i = 19; i <= 21; ++i) at(i, 2, k) = 200;
  }
  return volume;
}

std::vector<std::string> FlagsOf(const std::array<std::int64_t, 3>& ijk, Polarity sign = Polarity::kPositive,
                                 const std::string& sequence = "stir") {
  ResolvedPrompts prompts;
  prompts.lesions.push_back({.id = "L", .clicks = {{.ijk = ijk, .sign = sign}, {.ijk = ijk, .sign = sign}}});
  FlagUnlikelyClicks(Slab(), sequence, prompts);
  return prompts.lesions[0].flags;
}

TEST(ClickChecks, AreContentWithABrightSpot) {
  EXPECT_THAT(FlagsOf({20, 2, 20}), testing::IsEmpty());
}

TEST(ClickChecks, FlagAPositiveClickThatIsNoBrighterThanItsSurroundings) {
  EXPECT_THAT(FlagsOf({20, 3, 20}), ElementsAre("CLICK_NOT_BRIGHT")) << "the next slice";
  EXPECT_THAT(FlagsOf({30, 2, 30}), ElementsAre("CLICK_NOT_BRIGHT"));
  EXPECT_THAT(FlagsOf({30, 2, 30}, Polarity::kNegative), testing::IsEmpty());
}

TEST(ClickChecks, ExpectBrightnessOnlyWhereTumoursAreBright) {
  for (const char* sequence : {"t1", "", "pet"}) {
    EXPECT_THAT(FlagsOf({30, 2, 30}, Polarity::kPositive, sequence), testing::IsEmpty()) << sequence;
  }
  EXPECT_THAT(FlagsOf({30, 2, 30}, Polarity::kPositive, "t2fs"), ElementsAre("CLICK_NOT_BRIGHT"));
}

TEST(ClickChecks, FlagAnyClickInAir) {
  EXPECT_THAT(FlagsOf({0, 2, 20}, Polarity::kNegative), ElementsAre("CLICK_IN_AIR"));
  EXPECT_THAT(FlagsOf({0, 4, 39}), ElementsAre("CLICK_IN_AIR", "CLICK_NOT_BRIGHT"));
}

TEST(ClickChecks, SayNothingOfAnImageSmallerThanTheRing) {
  Volume volume{.grid = {.size = {3, 3, 3}}, .voxels = std::vector<float>(27, 7)};
  ResolvedPrompts prompts;
  prompts.lesions.push_back({.id = "L", .clicks = {{.ijk = {1, 1, 1}}}});
  FlagUnlikelyClicks(volume, "stir", prompts);
  EXPECT_THAT(prompts.lesions[0].flags, testing::IsEmpty());
}

}  // namespace
}  // namespace dinsd
