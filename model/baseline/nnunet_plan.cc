#include "model/baseline/nnunet_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace dinsd {
namespace {

constexpr std::int64_t kLeastFeatureMap = 4;  // voxels along an axis
constexpr double kAnisotropy = 3;             // from which an axis counts as coarse
constexpr std::int64_t kMostFeatures = 320;   // channels
constexpr std::int64_t kFirstFeatures = 32;   // channels
constexpr double kMemoryVoxels = 560e6;       // values of all feature maps of ...
constexpr double kMemoryBatch = 2;            // ... so many patches that 8 GB hold
constexpr double kLargestPatchVoxels = 1 << 24;
constexpr double kBatchShareOfData = 0.05;

using Axes = std::array<double, 3>;
using Counts = std::array<std::int64_t, 3>;

Axes AxesOf(const Vec3& v) {
  return {v.z, v.y, v.x};
}
Counts CountsOf(const Size3& s) {
  return {s.z, s.y, s.x};
}
Size3 SizeFrom(const Counts& c) {
  return {c[0], c[1], c[2]};
}

double Product(const Counts& c) {
  return static_cast<double>(c[0]) * static_cast<double>(c[1]) * static_cast<double>(c[2]);
}

// Linear between the two nearest ranks.
double Percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double rank = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(rank);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (rank - static_cast<double>(below)) * (values[above] - values[below]);
}

std::vector<double> AlongAxis(const std::vector<Vec3>& spacings, std::size_t axis) {
  std::vector<double> values;
  values.reserve(spacings.size());
  for (const Vec3& s : spacings) values.push_back(AxesOf(s)[axis]);
  return values;
}

Axes MedianSize(const std::vector<Axes>& sizes) {
  Axes median{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::vector<double> values;
    values.reserve(sizes.size());
    for (const Axes& s : sizes) values.push_back(s[axis]);
    median[axis] = Percentile(values, 0.5);
  }
  return median;
}

// Which axes the next stage halves; empty where none.
std::vector<std::size_t> HalvedNext(const Axes& spacing, const Counts& size) {
  std::vector<std::size_t> halved;
  double shortest = 1e300;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (size[axis] < 2 * kLeastFeatureMap) continue;
    halved.push_back(axis);
    shortest = std::min(shortest, spacing[axis]);
  }
  std::erase_if(halved, [&](std::size_t axis) { return spacing[axis] / shortest >= 2; });
  if (halved.size() == 1 && size[halved.front()] < 3 * kLeastFeatureMap) halved.clear();
  return halved;
}

std::int64_t FeaturesOf(std::size_t stage) {
  return std::min(kMostFeatures, kFirstFeatures << std::min<std::size_t>(stage, 10));
}

// Values in the feature maps of one patch: what each convolution, transposed convolution and the last layer write.
double FeatureMapValues(const NnunetTopology& topology, std::int64_t classes) {
  constexpr double kConvolutions = 2;  // of a stage, each way
  double values = 0;
  Counts size = CountsOf(topology.patch);
  for (std::size_t stage = 0; stage < topology.stages.size(); ++stage) {
    const Counts stride = CountsOf(topology.stages[stage].stride);
    for (std::size_t axis = 0; axis < 3; ++axis) size[axis] /= stride[axis];
    const double written = static_cast<double>(FeaturesOf(stage)) * Product(size);
    values += kConvolutions * written;
    if (stage + 1 < topology.stages.size()) values += (kConvolutions + 1) * written;  // on the way up
    if (stage == 0) values += static_cast<double>(classes) * Product(size);
  }
  return values;
}

// The patch before the memory budget: a cube in mm of 256^3 voxels, no larger than the median image.
Size3 FirstPatch(const Axes& spacing, const Axes& median) {
  const double edge = std::cbrt(kLargestPatchVoxels * spacing[0] * spacing[1] * spacing[2]);
  Counts patch{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    patch[axis] = static_cast<std::int64_t>(std::ceil(std::min(std::nearbyint(edge / spacing[axis]), median[axis])));
  }
  return SizeFrom(patch);
}

// The strides of all stages together.
Counts TotalStride(const std::vector<NetworkStage>& stages) {
  Counts total{1, 1, 1};
  for (const NetworkStage& stage : stages) {
    for (std::size_t axis = 0; axis < 3; ++axis) total[axis] *= CountsOf(stage.stride)[axis];
  }
  return total;
}

// Takes the least from the axis that is the largest against the median image: what the smaller patch must divide by.
NnunetTopology Smaller(const Vec3& spacing, const NnunetTopology& topology, const Axes& median) {
  Counts patch = CountsOf(topology.patch);
  std::size_t largest = 0;
  for (std::size_t axis = 1; axis < 3; ++axis) {
    const auto share = [&](std::size_t a) { return static_cast<double>(patch[a]) / median[a]; };
    if (share(axis) >= share(largest)) largest = axis;
  }
  Counts tried = patch;
  tried[largest] -= TotalStride(topology.stages)[largest];
  patch[largest] -= TotalStride(PlanTopology(spacing, SizeFrom(tried)).stages)[largest];
  return PlanTopology(spacing, SizeFrom(patch));
}

std::vector<Axes> ResampledSizes(const DataFingerprint& fingerprint, const Axes& spacing) {
  std::vector<Axes> sizes;
  for (std::size_t i = 0; i < fingerprint.sizes.size(); ++i) {
    Axes size{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      size[axis] = std::nearbyint(AxesOf(fingerprint.spacings_mm[i])[axis] / spacing[axis] *
                                  static_cast<double>(CountsOf(fingerprint.sizes[i])[axis]));
    }
    sizes.push_back(size);
  }
  return sizes;
}

std::int64_t BatchOf(const NnunetTopology& topology, std::int64_t classes, double data_voxels) {
  const double fits = std::nearbyint(kMemoryVoxels / FeatureMapValues(topology, classes) * kMemoryBatch);
  const double share = std::nearbyint(data_voxels * kBatchShareOfData / Product(CountsOf(topology.patch)));
  return std::max<std::int64_t>(2, static_cast<std::int64_t>(std::min(fits, share)));
}

}  // namespace

NnunetTopology PlanTopology(const Vec3& spacing_mm, const Size3& patch) {
  Axes spacing = AxesOf(spacing_mm);
  Counts size = CountsOf(patch), kernel{1, 1, 1}, stride{1, 1, 1};
  std::vector<NetworkStage> stages;
  for (;;) {
    const std::vector<std::size_t> halved = HalvedNext(spacing, size);
    if (halved.empty()) break;
    const double shortest = *std::min_element(spacing.begin(), spacing.end());
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (spacing[axis] / shortest < 2) kernel[axis] = 3;
    }
    stages.push_back({SizeFrom(kernel), SizeFrom(stride)});
    stride = {1, 1, 1};
    for (const std::size_t axis : halved) {
      stride[axis] = 2;
      spacing[axis] *= 2;
      size[axis] = (size[axis] + 1) / 2;
    }
  }
  stages.push_back({{3, 3, 3}, SizeFrom(stride)});
  const Counts total = TotalStride(stages);
  Counts padded = CountsOf(patch);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    padded[axis] = (padded[axis] + total[axis] - 1) / total[axis] * total[axis];
  }
  return {SizeFrom(padded), std::move(stages)};
}

Vec3 PlanSpacing(const DataFingerprint& fingerprint) {
  if (fingerprint.sizes.empty() || fingerprint.sizes.size() != fingerprint.spacings_mm.size()) {
    throw std::invalid_argument("a plan needs a spacing and a size of at least one case");
  }
  std::vector<Axes> sizes;
  for (const Size3& s : fingerprint.sizes) sizes.push_back(AxesOf({double(s.z), double(s.y), double(s.x)}));
  const Axes size = MedianSize(sizes);
  Axes spacing{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    spacing[axis] = Percentile(AlongAxis(fingerprint.spacings_mm, axis), 0.5);
  }
  const auto worst = static_cast<std::size_t>(std::max_element(spacing.begin(), spacing.end()) - spacing.begin());
  double coarsest_other = 0, shortest_other = 1e300;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (axis == worst) continue;
    coarsest_other = std::max(coarsest_other, spacing[axis]);
    shortest_other = std::min(shortest_other, size[axis]);
  }
  if (spacing[worst] > kAnisotropy * coarsest_other && size[worst] * kAnisotropy < shortest_other) {
    const double fine = Percentile(AlongAxis(fingerprint.spacings_mm, worst), 0.1);
    spacing[worst] = fine < coarsest_other ? coarsest_other + 1e-5 : fine;
  }
  return {spacing[0], spacing[1], spacing[2]};
}

NnunetPlan PlanNnunet(const DataFingerprint& fingerprint, std::int64_t classes) {
  NnunetPlan plan;
  plan.spacing_mm = PlanSpacing(fingerprint);
  const Axes spacing = AxesOf(plan.spacing_mm);
  const Axes median = MedianSize(ResampledSizes(fingerprint, spacing));
  plan.median_size = {static_cast<std::int64_t>(median[0]), static_cast<std::int64_t>(median[1]),
                      static_cast<std::int64_t>(median[2])};
  NnunetTopology topology = PlanTopology(plan.spacing_mm, FirstPatch(spacing, median));
  while (FeatureMapValues(topology, classes) > kMemoryVoxels) topology = Smaller(plan.spacing_mm, topology, median);
  plan.patch = topology.patch;
  for (std::size_t stage = 0; stage < topology.stages.size(); ++stage) plan.features.push_back(FeaturesOf(stage));
  const auto cases = static_cast<double>(fingerprint.sizes.size());
  plan.batch = BatchOf(topology, classes, median[0] * median[1] * median[2] * cases);
  plan.stages = std::move(topology.stages);
  return plan;
}

std::vector<NetworkStage> StagesForCrop(const DataFingerprint& prepared, const Size3& crop) {
  Axes spacing{};
  std::vector<Axes> sizes;
  for (const Size3& s : prepared.sizes) sizes.push_back(AxesOf({double(s.z), double(s.y), double(s.x)}));
  const Axes median = MedianSize(sizes);
  Counts patch = CountsOf(crop);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    spacing[axis] = Percentile(AlongAxis(prepared.spacings_mm, axis), 0.5);
    patch[axis] = std::min(patch[axis], static_cast<std::int64_t>(median[axis]));
  }
  return PlanTopology({spacing[0], spacing[1], spacing[2]}, SizeFrom(patch)).stages;
}

}  // namespace dinsd
