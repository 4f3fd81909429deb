#include <algorithm>
#include <cmath>

#include "daemon/verify/fixture_set.h"
#include "gpu/guide_map.h"
#include "gpu/overlap.h"
#include "gpu/resample.h"
#include "gpu/skeleton.h"
#include "gpu/surface_distance.h"
#include "model/click_simulation.h"

namespace dinsd {
namespace {

constexpr double kExpTolerance = 1e-6;        // absolute
constexpr double kEuclideanTolerance = 1e-5;  // relative
constexpr double kGeodesicTolerance = 1e-4;   // relative
constexpr double kResampleTolerance = 1e-6;   // relative
constexpr double kMetricTolerance = 1e-6;     // relative
constexpr double kLoopDiceTolerance = 1e-9;   // absolute

std::string NameOf(const nlohmann::json& a_case) {
  if (a_case.contains("name")) return a_case.at("name");
  return a_case.at("case").is_string() ? a_case.at("case").get<std::string>() : a_case.at("case").dump();
}

std::vector<Index3> ClicksOf(const nlohmann::json& a_case, int channel) {
  std::vector<Index3> clicks;
  for (const auto& click : a_case.at("clicks")) {
    const auto& v = click.at("zyx");
    if (click.at("channel") == channel) clicks.push_back({v.at(0), v.at(1), v.at(2)});
  }
  return clicks;
}

std::vector<double> Channel(const NpyArray& array, int channel) {
  std::vector<double> values;
  for (std::size_t i = static_cast<std::size_t>(channel); i < array.values.size(); i += 2)
    values.push_back(array.values[i]);
  return values;
}

double Difference(const std::vector<float>& got, const std::vector<double>& expected, bool is_absolute) {
  return is_absolute ? WorstDifference(got, expected, 1e9) * 1e9 : WorstDifference(got, expected, 1e-6);
}

// Every second row and column of the network's image, clicks scaled down to it, distance there, then full size again.
std::vector<float> EverySecond(const NpyArray& volume) {
  const Size3 size = SizeOf(volume);
  std::vector<float> half;
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y + 1 < size.y; y += 2) {
      for (std::int64_t x = 0; x + 1 < size.x; x += 2)
        half.push_back(static_cast<float>(volume.values[Offset(size, {z, y, x})]));
    }
  }
  return half;
}

std::vector<float> GeodesicOnNetwork(const FixtureFolder& fixture, const nlohmann::json& a_case, int channel,
                                     const Size3& network, EdgeRule edge) {
  const Size3 half{network.z, network.y / 2, network.x / 2};
  const std::vector<float> image = EverySecond(fixture.Array(a_case, "volume"));
  const auto& native = a_case.at("native_label_shape");
  std::vector<Index3> clicks = ClicksOf(a_case, channel);
  const auto scaled = [](std::int64_t v, std::int64_t out, std::int64_t in) {
    return static_cast<std::int64_t>(static_cast<double>(v) * static_cast<double>(out) / static_cast<double>(in));
  };
  for (Index3& c : clicks) {
    c.y = scaled(c.y, half.y, native.at(1));
    c.x = scaled(c.x, half.x, native.at(2));
  }
  std::vector<float> guide(half.VoxelCount());
  GeodesicGuideMap(half, clicks, image, {.lambda = a_case.at("geo_lamb"), .iterations = a_case.at("geo_iter")}, guide);
  return ResampleLinear(guide, half, network, edge);
}

void VerifyGuideCase(const FixtureFolder& fixture, const nlohmann::json& a_case, EdgeRule edge) {
  const std::string kind = a_case.at("kind");
  const NpyArray network = fixture.Array(a_case, "guide_network");
  const bool is_absolute = kind == "exp";
  double worst_native = 0, worst_network = 0;
  for (int channel = 0; channel < 2; ++channel) {
    if (kind == "geo") {
      const auto guide = GeodesicOnNetwork(fixture, a_case, channel, SizeOf(network), edge);
      worst_network = Worse(worst_network, Difference(guide, Channel(network, channel), false));
      continue;
    }
    const NpyArray native = fixture.Array(a_case, "guide_native");
    std::vector<float> guide(SizeOf(native).VoxelCount());
    if (kind == "exp") {
      const auto& s = a_case.at("stddev_zyx");
      ExponentialGuideMap(SizeOf(native), ClicksOf(a_case, channel),
                          {.sigma = {s.at(0), s.at(1), s.at(2)}, .gamma = a_case.at("gamma")}, guide);
    } else if (kind == "euc") {
      EuclideanGuideMap(SizeOf(native), ClicksOf(a_case, channel), guide);
    } else {
      throw std::runtime_error("guide kind '" + kind + "' is not known");
    }
    worst_native = Worse(worst_native, Difference(guide, Channel(native, channel), is_absolute));
    const auto resized = ResampleLinear(guide, SizeOf(native), SizeOf(network), edge);
    worst_network = Worse(worst_network, Difference(resized, Channel(network, channel), is_absolute));
  }
  const double tolerance = kind == "exp" ? kExpTolerance : kind == "euc" ? kEuclideanTolerance : kGeodesicTolerance;
  if (kind != "geo") fixture.Add(NameOf(a_case) + " on the image grid", worst_native, tolerance);
  fixture.Add(NameOf(a_case) + " on the network grid", worst_network, tolerance);
}

void CompareMetric(const nlohmann::json& expected, const char* name, double got, double& worst) {
  if (!expected.contains(name) || expected.at(name).is_null()) return;
  const double value = expected.at(name);
  worst = Worse(worst, std::abs(got - value) / std::max(1e-3, std::abs(value)));
}

}  // namespace

void VerifyZoom(const FixtureFolder& fixture, const VerificationConstants& constants) {
  for (const auto& a_case : fixture.description().at("cases")) {
    const NpyArray in = fixture.Array(a_case, "linear_in");
    const NpyArray out = fixture.Array(a_case, "linear_out");
    const NpyArray labels = fixture.Array(a_case, "nearest_in");
    Size3 size = SizeOf(in);
    const auto& zoom = a_case.at("zoom_float32");
    size = {ZoomedSize(size.z, zoom.at(0)), ZoomedSize(size.y, zoom.at(1)), ZoomedSize(size.x, zoom.at(2))};
    fixture.Add(NameOf(a_case) + " linear",
                WorstDifference(ResampleLinear(in.AsFloat(), SizeOf(in), size, constants.edge), out.values, 1),
                kResampleTolerance);
    const auto bytes = labels.AsBytes();
    fixture.Add(NameOf(a_case) + " nearest",
                CountDifferent(ResampleNearest<std::uint8_t>(bytes, SizeOf(labels), size, constants.edge),
                               fixture.Array(a_case, "nearest_out").AsBytes()),
                0);
  }
}

void VerifyGuides(const FixtureFolder& fixture, const VerificationConstants& constants) {
  for (const auto& a_case : fixture.description().at("cases")) VerifyGuideCase(fixture, a_case, constants.edge);
}

void VerifySkeleton(const FixtureFolder& fixture, const VerificationConstants&) {
  for (const auto& a_case : fixture.description().at("cases")) {
    const NpyArray mask = fixture.Array(a_case, "mask");
    fixture.Add(
        NameOf(a_case),
        CountDifferent(Skeletonize3d(mask.AsBytes(), SizeOf(mask)), fixture.Array(a_case, "skeleton").AsBytes()), 0);
  }
}

void VerifyClicks(const FixtureFolder& fixture, const VerificationConstants& constants) {
  for (const auto& a_case : fixture.description().at("cases")) {
    const NpyArray label = fixture.Array(a_case, "label");
    const auto prediction = fixture.Array(a_case, "prediction").AsBytes();
    std::vector<Index3> earlier;
    for (const auto& v : a_case.at("earlier_clicks_zyx")) earlier.push_back({v.at(0), v.at(1), v.at(2)});
    const auto click = NextClick(prediction, label.AsBytes(), SizeOf(label), earlier, constants.clicks);
    std::vector<nlohmann::json> acceptable = {a_case.at("expected_zyx")};
    if (a_case.contains("also_acceptable_zyx") && !a_case.at("also_acceptable_zyx").is_null()) {
      for (const auto& v : a_case.at("also_acceptable_zyx")) acceptable.push_back(v);
    }
    const nlohmann::json got =
        click ? nlohmann::json{click->voxel.z, click->voxel.y, click->voxel.x} : nlohmann::json(nullptr);
    const bool is_place_right = std::find(acceptable.begin(), acceptable.end(), got) != acceptable.end();
    const bool is_sign_right =
        !click || a_case.at("expected_channel") == (click->polarity == Polarity::kPositive ? 0 : 1);
    fixture.Add(NameOf(a_case), is_place_right && is_sign_right ? 0 : 1, 0);
  }
}

void VerifyMetrics(const FixtureFolder& fixture, const VerificationConstants&) {
  const FixtureFolder pairs = fixture.Other("pairs_folder");
  for (const auto& a_case : fixture.description().at("cases")) {
    const auto& all = pairs.description().at("cases");
    const auto pair =
        std::find_if(all.begin(), all.end(), [&](const auto& p) { return p.at("case") == a_case.at("case"); });
    if (pair == all.end()) throw std::runtime_error("no pair for case " + a_case.at("case").dump());
    const NpyArray label_array = pairs.Array(*pair, "label");
    const auto label = label_array.AsBytes();
    const auto prediction = pairs.Array(*pair, "prediction").AsBytes();
    const Overlap overlap = CompareMasks(prediction, label);
    const auto& expected = a_case.at("metrics_unit_voxel");
    double worst = 0;
    CompareMetric(expected, "Dice", overlap.Dsc(), worst);
    CompareMetric(expected, "VOE", overlap.Voe(), worst);
    CompareMetric(expected, "RVD", overlap.Arvd(), worst);
    CompareMetric(expected, "VD", -static_cast<double>(overlap.VolumeDifference()), worst);
    CompareMetric(expected, "RVD2", 1 - overlap.Dsc(), worst);
    for (const auto& [group, values] : a_case.items()) {
      if (!group.starts_with("metrics_")) continue;
      Vec3 spacing{1, 1, 1};
      if (std::sscanf(group.c_str(), "metrics_spacing_%lf_%lf_%lf", &spacing.z, &spacing.y, &spacing.x) != 3)
        spacing = {1, 1, 1};
      const auto distances = CompareSurfaces(prediction, label, SizeOf(label_array), spacing);
      if (!distances) continue;
      CompareMetric(values, "ASSD", distances->assd, worst);
      CompareMetric(values, "RMSD", distances->rmsd, worst);
      CompareMetric(values, "MSD", distances->hd, worst);
    }
    fixture.Add(NameOf(a_case) + " metrics", worst, kMetricTolerance);
    fixture.Add(NameOf(a_case) + " loop Dice", std::abs(overlap.LoopDice() - a_case.at("loop_dice").get<double>()),
                kLoopDiceTolerance);
  }
}

}  // namespace dinsd
