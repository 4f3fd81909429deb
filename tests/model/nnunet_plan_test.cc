#include "model/baseline/nnunet_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace dinsd {
namespace {

std::vector<Size3> StridesOf(const std::vector<NetworkStage>& stages) {
  std::vector<Size3> strides;
  for (const NetworkStage& stage : stages) strides.push_back(stage.stride);
  return strides;
}

std::vector<Size3> KernelsOf(const std::vector<NetworkStage>& stages) {
  std::vector<Size3> kernels;
  for (const NetworkStage& stage : stages) kernels.push_back(stage.kernel);
  return kernels;
}

constexpr Size3 kOne{1, 1, 1}, kTwo{2, 2, 2}, kThree{3, 3, 3}, kFlat{1, 3, 3}, kInPlane{1, 2, 2};

TEST(PlanTopology, HalvesAllAxesOfACubeDownToFourVoxels) {
  const NnunetTopology topology = PlanTopology({1, 1, 1}, {128, 128, 128});
  EXPECT_THAT(StridesOf(topology.stages), testing::ElementsAre(kOne, kTwo, kTwo, kTwo, kTwo, kTwo));
  EXPECT_THAT(KernelsOf(topology.stages), testing::Each(kThree));
  EXPECT_EQ(topology.patch, (Size3{128, 128, 128}));
}

TEST(PlanTopology, KeepsThickSlicesUntilTheOthersAreAsThick) {
  // Prostate of the Medical Segmentation Decathlon, as published: 20x320x256 at 3.6x0.62x0.62 mm.
  const NnunetTopology topology = PlanTopology({3.6, 0.62, 0.62}, {20, 320, 256});
  EXPECT_THAT(StridesOf(topology.stages),
              testing::ElementsAre(kOne, kInPlane, kInPlane, kTwo, kTwo, kInPlane, kInPlane));
  EXPECT_THAT(KernelsOf(topology.stages), testing::ElementsAre(kFlat, kFlat, kThree, kThree, kThree, kThree, kThree));
}

TEST(PlanTopology, StopsWhereASingleAxisHasLessThanTwelveVoxels) {
  EXPECT_EQ(PlanTopology({1, 1, 1}, {4, 4, 11}).stages.size(), 1U);
  EXPECT_THAT(StridesOf(PlanTopology({1, 1, 1}, {4, 4, 12}).stages), testing::ElementsAre(kOne, Size3{1, 1, 2}));
}

TEST(PlanTopology, PadsThePatchToWhatTheStridesNeed) {
  const NnunetTopology topology = PlanTopology({1, 1, 1}, {36, 50, 35});
  EXPECT_THAT(StridesOf(topology.stages), testing::ElementsAre(kOne, kTwo, kTwo, kTwo));
  EXPECT_EQ(topology.patch, (Size3{40, 56, 40}));
}

TEST(PlanSpacing, IsTheMedianOfEachAxis) {
  const DataFingerprint fingerprint{{{1, 2, 3}, {3, 2, 1}, {2, 1, 2}}, {{10, 10, 10}, {10, 10, 10}, {10, 10, 10}}};
  EXPECT_EQ(PlanSpacing(fingerprint), (Vec3{2, 2, 2}));
}

TEST(PlanSpacing, TakesThinSlicesOfAnAnisotropicDataSet) {
  DataFingerprint fingerprint;
  for (int i = 0; i <= 10; ++i) {
    fingerprint.spacings_mm.push_back({i < 2 ? 5.0 : 10.0, 1.5, 1.5});
    fingerprint.sizes.push_back({9, 256, 216});
  }
  EXPECT_EQ(PlanSpacing(fingerprint).z, 5);
  for (Size3& size : fingerprint.sizes) size.z = 90;  // many slices: the median, however thick
  EXPECT_EQ(PlanSpacing(fingerprint).z, 10);
  for (std::size_t i = 0; i < 11; ++i) {
    fingerprint.sizes[i].z = 9;
    fingerprint.spacings_mm[i].z = i < 2 ? 0.5 : 10;
  }
  EXPECT_DOUBLE_EQ(PlanSpacing(fingerprint).z, 1.5 + 1e-5) << "no finer than the others";
}

TEST(PlanNnunet, GivesThePublishedPlanOfTheHippocampus) {
  // Isensee et al. 2021, supplement: patch 40x56x40, batch 9, three poolings for 260 cases of 36x50x35 at 1 mm.
  const DataFingerprint fingerprint{std::vector<Vec3>(260, {1, 1, 1}), std::vector<Size3>(260, {36, 50, 35})};
  const NnunetPlan plan = PlanNnunet(fingerprint, 3);
  EXPECT_EQ(plan.patch, (Size3{40, 56, 40}));
  EXPECT_EQ(plan.batch, 9);
  EXPECT_THAT(plan.features, testing::ElementsAre(32, 64, 128, 256));
}

TEST(PlanNnunet, MakesThePatchSmallerUntilItFits) {
  const DataFingerprint fingerprint{std::vector<Vec3>(100, {1, 1, 1}), std::vector<Size3>(100, {138, 169, 138})};
  const NnunetPlan plan = PlanNnunet(fingerprint, 4);
  EXPECT_EQ(plan.patch, (Size3{128, 128, 128})) << "brain tumours, as published";
  EXPECT_EQ(plan.batch, 2);
  EXPECT_THAT(plan.features, testing::ElementsAre(32, 64, 128, 256, 320, 320));
}

TEST(PlanNnunet, NeedsACase) {
  EXPECT_THROW((void)PlanNnunet({}, 2), std::invalid_argument);
}

TEST(StagesForCrop, FollowTheSmallerOfCropAndMedianCase) {
  const DataFingerprint prepared{{{5, 2, 2}, {5, 2, 2}, {6, 2, 2}}, {{20, 160, 160}, {24, 160, 192}, {40, 176, 160}}};
  EXPECT_EQ(StagesForCrop(prepared, {32, 80, 80}), PlanTopology({5, 2, 2}, {24, 80, 80}).stages);
}

}  // namespace
}  // namespace dinsd
