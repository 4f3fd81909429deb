#include "pipeline/baseline/baseline.h"

#include <gtest/gtest.h>

#include <cmath>

#include "gpu/overlap.h"
#include "tests/random.h"

namespace dinsd {
namespace {

constexpr Size3 kSize{10, 24, 20};
constexpr Vec3 kSpacing{3, 1, 1};
constexpr IndexBox kWhole{{0, 0, 0}, {10, 24, 20}};
constexpr Index3 kMiddle{5, 12, 9};

bool IsInBlock(const Index3& v) {
  return v.z >= 3 && v.z < 8 && v.y >= 6 && v.y < 18 && v.x >= 4 && v.x < 14;
}

std::vector<std::uint8_t> Block() {
  std::vector<std::uint8_t> mask(kSize.VoxelCount());
  for (std::size_t at = 0; at < mask.size(); ++at) mask[at] = IsInBlock(IndexAt(kSize, at)) ? 1 : 0;
  return mask;
}

// A block of 100 on a ground of 0, with noise of at most `noise`.
std::vector<float> BlockImage(unsigned seed, double noise) {
  TestRandom random(seed);
  const std::vector<std::uint8_t> block = Block();
  std::vector<float> image(block.size());
  for (std::size_t at = 0; at < image.size(); ++at)
    image[at] = static_cast<float>(100 * block[at] + noise * (2 * random.Unit() - 1));
  return image;
}

class BaselineTest : public testing::TestWithParam<BaselineKind> {
 protected:
  static Baseline On(const std::vector<float>& image, std::span<const IndexBox> boxes = {&kWhole, 1}) {
    BaselineOptions options;
    options.seed_radius_mm = options.model_radius_mm = 1.5;
    options.region.merged_mm = 1;
    return {GetParam(), options, image, kSize, kSpacing, std::vector<IndexBox>(boxes.begin(), boxes.end())};
  }
};

TEST_P(BaselineTest, FindsABlockFromAClickInItsMiddle) {
  Baseline baseline = On(BlockImage(1, 5));
  const std::vector<std::uint8_t> mask = baseline.Segment(std::vector<Click>{{kMiddle, Polarity::kPositive}});
  EXPECT_GT(CompareMasks(mask, Block()).Dsc(), 0.9);
}

TEST_P(BaselineTest, IsTheSameMaskEveryTime) {
  const std::vector<float> image = BlockImage(3, 30);
  const std::vector<Click> clicks{{kMiddle, Polarity::kPositive}, {{5, 20, 15}, Polarity::kNegative}};
  EXPECT_EQ(On(image).Segment(clicks), On(image).Segment(clicks));
}

TEST_P(BaselineTest, HonoursEveryClickAgainstTheImage) {
  const std::vector<float> image = BlockImage(1, 5);
  Baseline baseline = On(image);
  const Index3 off{5, 21, 16}, inside{4, 8, 6};
  const std::vector<Click> clicks{
      {kMiddle, Polarity::kPositive}, {off, Polarity::kPositive}, {inside, Polarity::kNegative}};
  const std::vector<std::uint8_t> mask = baseline.Segment(clicks);
  EXPECT_EQ(mask[Offset(kSize, kMiddle)], 1);
  EXPECT_EQ(mask[Offset(kSize, off)], 1);
  EXPECT_EQ(mask[Offset(kSize, inside)], 0);
}

TEST_P(BaselineTest, IsEmptyWithoutAPositiveClickAndOutsideItsBoxes) {
  const std::vector<float> image = BlockImage(1, 5);
  const IndexBox box{{2, 5, 3}, {9, 19, 10}};  // cuts the block
  Baseline baseline = On(image, {&box, 1});
  EXPECT_EQ(baseline.Segment(std::vector<Click>{{kMiddle, Polarity::kNegative}}),
            std::vector<std::uint8_t>(kSize.VoxelCount()));
  const std::vector<std::uint8_t> mask = baseline.Segment(std::vector<Click>{{{5, 12, 7}, Polarity::kPositive}});
  EXPECT_EQ(mask[Offset(kSize, {5, 12, 7})], 1);
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (IndexAt(kSize, at).x >= 10) {
      EXPECT_EQ(mask[at], 0) << at;
    }
  }
}

TEST_P(BaselineTest, OpensAWindowRoundAClickWhereNoBoxIsGiven) {
  const std::vector<float> image = BlockImage(1, 5);
  BaselineOptions options;
  options.seed_radius_mm = options.model_radius_mm = 1.5;
  options.region.merged_mm = 1;
  options.window = {.half_mm = 3, .margin_mm = 1};
  Baseline baseline(GetParam(), options, image, kSize, kSpacing);
  std::vector<Click> clicks{{kMiddle, Polarity::kPositive}};
  const std::vector<std::uint8_t> one = baseline.Segment(clicks);
  const Index3 beyond{5, 16, 9};  // in the block, outside the window of the first click
  EXPECT_EQ(one[Offset(kSize, kMiddle)], 1);
  for (std::size_t at = 0; at < one.size(); ++at) {
    if (one[at] != 0) {
      EXPECT_LT(std::abs(IndexAt(kSize, at).y - kMiddle.y), 3) << at;
    }
  }
  clicks.push_back({beyond, Polarity::kPositive});
  const std::vector<std::uint8_t> two = baseline.Segment(clicks);
  EXPECT_EQ(two[Offset(kSize, beyond)], 1);
  EXPECT_EQ(two[Offset(kSize, kMiddle)], 1);
}

INSTANTIATE_TEST_SUITE_P(Kinds, BaselineTest,
                         testing::Values(BaselineKind::kRandomWalker, BaselineKind::kGraphCut,
                                         BaselineKind::kActiveContour));

TEST(BaselineWordsTest, KnowsItsWordsAndNoOthers) {
  EXPECT_EQ(BaselineWords(), (std::vector<std::string>{"random-walker", "random-walker-box", "graph-cut",
                                                       "graph-cut-box", "active-contour", "active-contour-box"}));
  for (const std::string& word : BaselineWords()) {
    ASSERT_TRUE(BaselineOfWord(word)) << word;
    EXPECT_EQ(SettingsText(*BaselineOfWord(word), {}).rfind(word.substr(0, word.find("-box")), 0), 0U) << word;
  }
  EXPECT_EQ(BaselineOfWord("graph-cut")->kind, BaselineKind::kGraphCut);
  EXPECT_EQ(BaselineOfWord("active-contour-box")->kind, BaselineKind::kActiveContour);
  EXPECT_TRUE(BaselineOfWord("random-walker-box")->in_box);
  EXPECT_FALSE(BaselineOfWord("random-walker")->in_box);
  EXPECT_FALSE(BaselineOfWord("random-walk"));
  EXPECT_FALSE(BaselineOfWord(""));
}

TEST(BaselineWordsTest, SettingsDifferWhereMasksMay) {
  const BaselineOptions options;
  BaselineOptions other = options;
  other.random_walker.beta = 3;
  const BaselineName name;
  EXPECT_NE(SettingsText(name, options), SettingsText(name, other));
  EXPECT_NE(SettingsText(name, options), SettingsText({name.kind, true}, options));
  other = options;
  other.window.half_mm = 30;
  EXPECT_NE(SettingsText(name, options), SettingsText(name, other));
}

}  // namespace
}  // namespace dinsd
