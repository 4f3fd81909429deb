#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "model/train/altered_truth.h"
#include "model/train/crop.h"
#include "model/train/crop_loss.h"
#include "model/train/lesion_loss.h"
#include "model/train/loss.h"
#include "model/weights_file.h"
#include "tests/model/blocks.h"
#include "tests/temp_folder.h"

namespace dinsd {
namespace {

TEST(AlterTruth, ChangesTheTruthNearItsBoundaryAndKeepsSomeTumour) {
  const PreparedCase c = Block("a", "train");
  const Vec3 voxel_mm{10, 2, 2};
  int added = 0, taken = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Crop crop{c.size, c.image, c.mask}, again = crop;
    CounterRandom random(seed, 0), same(seed, 0);
    AlterTruth(crop, voxel_mm, random);
    AlterTruth(again, voxel_mm, same);
    EXPECT_EQ(crop.mask, again.mask);
    EXPECT_GT(std::count(crop.mask.begin(), crop.mask.end(), 1), 0);
    for (std::size_t at = 0; at < c.mask.size(); ++at) {
      added += crop.mask[at] > c.mask[at] ? 1 : 0;
      taken += crop.mask[at] < c.mask[at] ? 1 : 0;
    }
  }
  EXPECT_GT(added, 0);
  EXPECT_GT(taken, 0);
}

TEST(AlterTruth, EndsWhereTheImageChanges) {
  PreparedCase c = Block("a", "train");
  for (float& v : c.image) v = v > 0.5F ? 10 : 0;  // so steep that no path crosses it
  Crop crop{c.size, c.image, c.mask};
  CounterRandom random(4, 0);
  AlterTruth(crop, {10, 2, 2}, random);
  int changed_bright = 0, changed_dark = 0;
  for (std::size_t at = 0; at < c.mask.size(); ++at) {
    if (crop.mask[at] == c.mask[at]) continue;
    (c.mask[at] != 0 ? changed_bright : changed_dark) += 1;
    EXPECT_EQ(crop.mask[at], c.mask[at] != 0 ? 0 : 1);
  }
  EXPECT_GT(changed_bright + changed_dark, 0);
}

TEST(SegmentationLoss, IsWeightedCrossEntropyByHand) {
  // Two voxels: background with p(background) = 1/2, tumour with p(tumour) = 3/4, weight 3.
  const at::Tensor logits = at::zeros({1, 2, 1, 1, 2});
  logits[0][1][0][0][1] = std::log(3.0);
  const at::Tensor mask = at::zeros({1, 1, 1, 2}, at::kLong);
  mask[0][0][0][1] = 1;
  const double expected = (-std::log(0.5) - 3 * std::log(0.75)) / 4;
  const at::Tensor no_clicks = at::zeros({1, 1, 2});
  EXPECT_NEAR(SegmentationLoss(logits, mask, {3, 0, 0}, no_clicks).item<double>(), expected, 1e-6);
  const double dice = (2 * 0.75 + 1) / (0.5 + 0.75 + 1 + 1);
  EXPECT_NEAR(SegmentationLoss(logits, mask, {3, 0, 2}, no_clicks).item<double>(), expected + 2 * (1 - dice), 1e-6);
  const at::Tensor near_clicks = NearClicks({{1, 1, 2}, {0, 0}, {0.5F, 0}, {0.25F, 0}});
  const double with_click = (-(1 + 4 * 0.5) * std::log(0.5) - 3 * std::log(0.75)) / (3 + 3);
  EXPECT_NEAR(SegmentationLoss(logits, mask, {3, 4, 0}, near_clicks).item<double>(), with_click, 1e-6);
}

// One voxel and a row of three, far enough apart not to be in each other's surroundings.
TEST(LesionDiceLoss, CountsEachLesionAlikeAndOnlyItsSurroundings) {
  const Size3 size{1, 1, 64};
  std::vector<std::uint8_t> mask(size.VoxelCount());
  mask[5] = mask[40] = mask[41] = mask[42] = 1;
  const at::Tensor probability = at::zeros({1, 1, 64});
  const auto set = [&](std::int64_t x, double p) { probability[0][0][x] = p; };
  set(5, 0.5);
  set(8, 1);  // beside the first lesion
  set(40, 1);
  set(41, 1);
  set(63, 1);  // in nobody's surroundings
  const double first = (2 * 0.5 + 1) / (1.5 + 1 + 1), second = (2 * 2.0 + 1) / (2 + 3 + 1);
  EXPECT_NEAR(LesionDiceLoss(probability, mask, size).item<double>(), 1 - (first + second) / 2, 1e-6);
}

TEST(LesionDiceLoss, DoesNotBlameALesionForItsNeighbour) {
  const Size3 size{1, 1, 16};
  std::vector<std::uint8_t> mask(size.VoxelCount());
  mask[4] = mask[6] = 1;
  const at::Tensor perfect = at::zeros({1, 1, 16});
  perfect[0][0][4] = 1;
  perfect[0][0][6] = 1;
  EXPECT_NEAR(LesionDiceLoss(perfect, mask, size).item<double>(), 0, 1e-6);
  EXPECT_EQ(LesionDiceLoss(perfect, std::vector<std::uint8_t>(16), size).item<double>(), 0);
}

TEST(LesionVolumeLoss, IsHowFarEachVolumeIsOffByItsLogarithm) {
  const Size3 size{1, 1, 64};
  std::vector<std::uint8_t> mask(size.VoxelCount());
  mask[5] = mask[40] = mask[41] = mask[42] = 1;
  const at::Tensor probability = at::zeros({1, 1, 64});
  for (const std::int64_t x : {5, 6, 7, 41, 63}) probability[0][0][x] = 1.0;  // three times too large; a third of it
  EXPECT_NEAR(LesionVolumeLoss(probability, mask, size).item<double>(), (std::log(4.0 / 2) + std::log(4.0 / 2)) / 2,
              1e-6);
  EXPECT_EQ(LesionVolumeLoss(probability, std::vector<std::uint8_t>(64), size).item<double>(), 0);
}

TEST(CropLoss, WeighsEachCoarserOutputHalfOfTheOneBefore) {
  at::manual_seed(5);
  const PreparedCase block = Block("a", "train");
  const Crop crop{block.size, block.image, block.mask};
  const std::size_t voxels = block.size.VoxelCount();
  const NetworkInput input{block.size, block.image, std::vector<float>(voxels), std::vector<float>(voxels)};
  const std::vector<SupervisedLogits> outputs = {{at::randn({1, 2, 6, 32, 48})},
                                                 {at::randn({1, 2, 6, 16, 24}), {1, 2, 2}},
                                                 {at::randn({1, 2, 3, 8, 12}), {2, 4, 4}}};
  const TrainOptions options;
  double expected = 0, weight = 1;
  for (const auto& [logits, stride] : outputs) {
    at::Tensor mask = at::empty({1, logits.size(2), logits.size(3), logits.size(4)}, at::kLong);
    std::int64_t* at = mask.mutable_data_ptr<std::int64_t>();
    for (std::int64_t z = 0; z < 6; z += stride[0]) {
      for (std::int64_t y = 0; y < 32; y += stride[1]) {
        for (std::int64_t x = 0; x < 48; x += stride[2]) *at++ = block.mask[Offset(block.size, {z, y, x})];
      }
    }
    const at::Tensor nowhere = at::zeros(mask.sizes());
    expected += weight * SegmentationLoss(logits, mask, LossWeightsOf(options), nowhere).item<double>();
    weight /= 2;
  }
  EXPECT_NEAR(CropLoss(outputs, crop, input, options).item<double>(), expected / 1.75, 1e-5);
}

}  // namespace
}  // namespace dinsd
