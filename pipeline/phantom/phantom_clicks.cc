#include "pipeline/phantom/phantom_clicks.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "gpu/distance_transform.h"
#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

using Ijk = std::array<std::int64_t, 3>;

struct Candidate {
  Ijk voxel;
  float depth;  // mm from the outline, within the slice
};

struct Box {
  Ijk low, high;  // high is one past the last
};

Box BoxOf(const LabelMap& truth, std::uint16_t label) {
  const auto& size = truth.grid.size;
  Box box{size, {0, 0, 0}};
  for (std::size_t v = 0; v < truth.labels.size(); ++v) {
    if (truth.labels[v] != label) continue;
    const auto n = static_cast<std::int64_t>(v);
    const Ijk at = {n % size[0], n / size[0] % size[1], n / (size[0] * size[1])};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box.low[axis] = std::min(box.low[axis], at[axis]);
      box.high[axis] = std::max(box.high[axis], at[axis] + 1);
    }
  }
  return box;
}

// The label's voxels on slice k that lie deepest: at least 0.6 of the way to the deepest one.
std::vector<Candidate> DeepOnSlice(const LabelMap& truth, std::uint16_t label, const Box& box, std::int64_t k,
                                   std::int64_t& area) {
  const Size3 size = {1, box.high[1] - box.low[1] + 2, box.high[0] - box.low[0] + 2};
  std::vector<std::uint8_t> outside(size.VoxelCount(), 1);
  const auto& whole = truth.grid.size;
  area = 0;
  for (std::int64_t j = box.low[1]; j < box.high[1]; ++j) {
    for (std::int64_t i = box.low[0]; i < box.high[0]; ++i) {
      if (truth.labels[static_cast<std::size_t>((k * whole[1] + j) * whole[0] + i)] != label) continue;
      outside[Offset(size, {0, j - box.low[1] + 1, i - box.low[0] + 1})] = 0;
      ++area;
    }
  }
  const auto& mm = truth.grid.spacing;
  const std::vector<float> depth = DistanceToMask(outside, size, {mm[2], mm[1], mm[0]});
  const float deepest = *std::max_element(depth.begin(), depth.end());
  std::vector<Candidate> deep;
  for (std::size_t v = 0; v < depth.size(); ++v) {
    const Index3 at = IndexAt(size, v);
    if (depth[v] > 0 && depth[v] >= 0.6F * deepest)
      deep.push_back({{at.x - 1 + box.low[0], at.y - 1 + box.low[1], k}, depth[v]});
  }
  return deep;
}

double SquaredMm(const GridGeometry& grid, const Ijk& a, const Ijk& b) {
  double sum = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double d = static_cast<double>(a[axis] - b[axis]) * grid.spacing[axis];
    sum += d * d;
  }
  return sum;
}

const Candidate& FarthestFrom(const std::vector<Candidate>& all, const std::vector<Ijk>& chosen,
                              const GridGeometry& grid) {
  double best = -1;
  const Candidate* farthest = &all.front();
  for (const Candidate& c : all) {
    double nearest = std::numeric_limits<double>::max();
    for (const Ijk& taken : chosen) nearest = std::min(nearest, SquaredMm(grid, c.voxel, taken));
    if (nearest > best) {
      best = nearest;
      farthest = &c;
    }
  }
  return *farthest;
}

}  // namespace

std::vector<std::array<double, 3>> ClicksOf(const LabelMap& truth, std::uint16_t label, std::uint64_t seed) {
  const Box box = BoxOf(truth, label);
  if (box.low[0] >= box.high[0]) return {};
  CounterRandom random(seed, kClickStream + (std::uint64_t{1} << 32) * label);
  std::vector<Candidate> all, largest;
  std::int64_t largest_area = 0;
  for (std::int64_t k = box.low[2]; k < box.high[2]; ++k) {
    std::int64_t area = 0;
    std::vector<Candidate> deep = DeepOnSlice(truth, label, box, k, area);
    all.insert(all.end(), deep.begin(), deep.end());
    if (area > largest_area) {
      largest_area = area;
      largest = std::move(deep);
    }
  }
  const std::int64_t slices = box.high[2] - box.low[2];
  const std::int64_t count = std::clamp(random.Between(1, 2) + (slices - 1) / 2, std::int64_t{1}, std::int64_t{3});
  std::vector<Ijk> chosen = {
      largest[static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(largest.size()) - 1))].voxel};
  while (static_cast<std::int64_t>(chosen.size()) < std::min(count, static_cast<std::int64_t>(all.size())))
    chosen.push_back(FarthestFrom(all, chosen, truth.grid).voxel);
  std::vector<std::array<double, 3>> clicks;
  for (const Ijk& voxel : chosen) {
    const auto near = [&](std::int64_t v) { return static_cast<double>(v) + random.Uniform(-0.3, 0.3); };
    std::array<double, 3> lps =
        LpsFromIndex(truth.grid, {near(voxel[0]), near(voxel[1]), static_cast<double>(voxel[2])});
    for (double& mm : lps) mm = std::round(mm * 100) / 100;
    clicks.push_back(lps);
  }
  return clicks;
}

}  // namespace dinsd
