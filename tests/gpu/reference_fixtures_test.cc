// What the published implementation did on the same input (dins_reference in the data folder).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "gpu/guide_map.h"
#include "gpu/overlap.h"
#include "gpu/resample.h"
#include "gpu/skeleton.h"
#include "gpu/surface_distance.h"
#include "tests/gpu/fixture.h"

namespace dinsd {
namespace {

double RelativeError(double got, double expected) {
  return std::abs(got - expected) / std::max(1e-12, std::abs(expected));
}

TEST(ReferenceFixtures, SkeletonsAreEqualVoxelByVoxel) {
  DINSD_REQUIRE_DATA("dins_reference/skeleton");
  const Fixture fixture("skeleton");
  for (const auto& a_case : fixture.cases()) {
    const NpyArray mask = fixture.Array(a_case, "mask");
    EXPECT_EQ(Skeletonize3d(mask.AsBytes(), SizeOf(mask)), fixture.Array(a_case, "skeleton").AsBytes())
        << a_case.at("name");
  }
}

TEST(ReferenceFixtures, ResamplingIsEqual) {
  DINSD_REQUIRE_DATA("dins_reference/zoom");
  const Fixture fixture("zoom");
  for (const auto& a_case : fixture.cases()) {
    const NpyArray in = fixture.Array(a_case, "linear_in");
    const NpyArray expected = fixture.Array(a_case, "linear_out");
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_EQ(ZoomedSize(in.shape[axis], a_case.at("zoom_float32")[axis].get<float>()), expected.shape[axis]);
    }
    const auto out = ResampleLinear(in.AsFloat(), SizeOf(in), SizeOf(expected), EdgeRule::kReference);
    ASSERT_EQ(out.size(), expected.values.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      ASSERT_NEAR(out[i], expected.values[i], 1e-6 * std::max(1.0, std::abs(expected.values[i])))
          << "case " << a_case.at("case") << " voxel " << i;
    }
    const NpyArray labels = fixture.Array(a_case, "nearest_in");
    const auto bytes = labels.AsBytes();
    EXPECT_EQ(ResampleNearest<std::uint8_t>(bytes, SizeOf(labels), SizeOf(expected), EdgeRule::kReference),
              fixture.Array(a_case, "nearest_out").AsBytes());
  }
}

TEST(ReferenceFixtures, MetricsAreEqual) {
  DINSD_REQUIRE_DATA("dins_reference/metrics");
  const Fixture fixture("metrics");
  const Fixture pairs("clicks");
  for (const auto& a_case : fixture.cases()) {
    const auto& pair = pairs.cases().at(a_case.at("case").get<std::size_t>());
    const NpyArray label_array = pairs.Array(pair, "label");
    const auto label = label_array.AsBytes();
    const auto prediction = pairs.Array(pair, "prediction").AsBytes();
    const auto& expected = a_case.at("metrics_unit_voxel");
    const Overlap overlap = CompareMasks(prediction, label);
    EXPECT_EQ(overlap.true_positives, a_case.at("tp").get<std::int64_t>());
    EXPECT_EQ(overlap.true_negatives, a_case.at("tn").get<std::int64_t>());
    EXPECT_NEAR(overlap.LoopDice(), a_case.at("loop_dice").get<double>(), 1e-9);
    const auto expect_near = [&](double got, const nlohmann::json& group, const char* name) {
      if (!group.contains(name)) return;
      EXPECT_LT(RelativeError(got, group.at(name)), 1e-6) << a_case.at("case") << name;
    };
    if (overlap.LabelVoxels() > 0) expect_near(overlap.Dsc(), expected, "Dice");
    expect_near(overlap.Voe(), expected, "VOE");
    expect_near(overlap.Arvd(), expected, "RVD");
    expect_near(-static_cast<double>(overlap.VolumeDifference()), expected, "VD");
    for (const auto& [group, spacing] : {std::pair{"metrics_unit_voxel", Vec3{1, 1, 1}},
                                         std::pair{"metrics_spacing_7.8_1.5_1.5", Vec3{7.8, 1.5, 1.5}}}) {
      const auto distances = CompareSurfaces(prediction, label, SizeOf(label_array), spacing);
      if (!distances || !a_case.contains(group)) continue;
      expect_near(distances->assd, a_case.at(group), "ASSD");
      expect_near(distances->rmsd, a_case.at(group), "RMSD");
      expect_near(distances->hd, a_case.at(group), "MSD");
    }
  }
}

// Clicks of one channel of a guides case.
std::vector<Index3> ClicksOf(const nlohmann::json& a_case, int channel) {
  std::vector<Index3> clicks;
  for (const auto& click : a_case.at("clicks")) {
    const auto& v = click.at("zyx");
    if (click.at("channel") == channel) clicks.push_back({v[0], v[1], v[2]});
  }
  return clicks;
}

TEST(ReferenceFixtures, ExponentialAndEuclideanGuidesAreEqual) {
  DINSD_REQUIRE_DATA("dins_reference/guides");
  const Fixture fixture("guides");
  int compared = 0;
  for (const auto& a_case : fixture.cases()) {
    const std::string kind = a_case.at("kind");
    if (kind == "geo") continue;
    const NpyArray native = fixture.Array(a_case, "guide_native");
    const NpyArray network = fixture.Array(a_case, "guide_network");
    for (int channel = 0; channel < 2; ++channel) {
      std::vector<float> guide(SizeOf(native).VoxelCount());
      if (kind == "exp") {
        const auto& s = a_case.at("stddev_zyx");
        ExponentialGuideMap(SizeOf(native), ClicksOf(a_case, channel),
                            {.sigma = {s[0], s[1], s[2]}, .gamma = a_case.at("gamma")}, guide);
      } else {
        EuclideanGuideMap(SizeOf(native), ClicksOf(a_case, channel), guide);
      }
      const double scale = kind == "exp" ? 1 : 10;
      for (std::size_t i = 0; i < guide.size(); ++i) {
        const double expected = native.values[2 * i + static_cast<std::size_t>(channel)];
        ASSERT_NEAR(guide[i], expected, 1e-6 * std::max(1.0, scale * expected)) << a_case.at("case");
      }
      const auto resized = ResampleLinear(guide, SizeOf(native), SizeOf(network), EdgeRule::kReference);
      for (std::size_t i = 0; i < resized.size(); ++i) {
        const double expected = network.values[2 * i + static_cast<std::size_t>(channel)];
        ASSERT_NEAR(resized[i], expected, 1e-6 * std::max(1.0, scale * expected)) << a_case.at("case");
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 8);
}

}  // namespace
}  // namespace dinsd
