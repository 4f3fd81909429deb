#include "pipeline/followup/lesion_contrast.h"

#include <gtest/gtest.h>

#include "tests/pipeline/followup/made_map.h"

namespace dinsd {
namespace {

constexpr std::int64_t kSide = 40;
constexpr std::int64_t kSlices = 4;

// A square lesion of label 1, `half` voxels to each side of the middle, `signal` against 100 round it.
struct Made {
  Volume image;
  LabelMap mask;
};

Made Lesion(std::int64_t half, float signal, float scale = 1) {
  Made made;
  made.image.grid = CoronalGrid({kSide, kSide, kSlices}, {1, 1, 8});
  made.mask.grid = made.image.grid;
  for (std::int64_t k = 0; k < kSlices; ++k) {
    for (std::int64_t j = 0; j < kSide; ++j) {
      for (std::int64_t i = 0; i < kSide; ++i) {
        const bool is_inside = std::abs(i - kSide / 2) <= half && std::abs(j - kSide / 2) <= half;
        const float noise = static_cast<float>((7 * i + 3 * j + 5 * k) % 9 - 4);
        made.image.voxels.push_back(scale * ((is_inside ? signal : 100.0F) + noise));
        made.mask.labels.push_back(is_inside ? 1 : 0);
      }
    }
  }
  return made;
}

double Left(const Made& prior, const Volume& today) {
  return ContrastLeft(ContrastsOf(prior.image, prior.mask).at(1), ContrastsOf(today, prior.mask).at(1)).value();
}

TEST(LesionContrast, IsAllLeftWhereNothingChangedWhateverTheScale) {
  const Made prior = Lesion(6, 300);
  EXPECT_NEAR(Left(prior, prior.image), 1, 0.05);
  EXPECT_NEAR(Left(prior, Lesion(6, 300, 3).image), 1, 0.05);
}

TEST(LesionContrast, IsLeftOfALesionThatShrank) {
  EXPECT_GT(Left(Lesion(6, 300), Lesion(4, 300).image), kLeastContrastLeft);
}

TEST(LesionContrast, IsNotLeftOfOneThatIsGone) {
  EXPECT_LT(Left(Lesion(6, 300), Lesion(6, 100).image), kLeastContrastLeft);
  EXPECT_LT(Left(Lesion(6, 300), Lesion(6, 100, 0.5).image), kLeastContrastLeft);
  EXPECT_LT(Left(Lesion(6, 300), Lesion(6, 60).image), 0) << "dark now";
}

TEST(LesionContrast, ThatWasNoneSaysNothing) {
  const Made dark = Lesion(6, 50);
  EXPECT_FALSE(
      ContrastLeft(ContrastsOf(dark.image, dark.mask).at(1), ContrastsOf(dark.image, dark.mask).at(1)).has_value());
}

}  // namespace
}  // namespace dinsd
