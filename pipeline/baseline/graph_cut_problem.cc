#include <algorithm>
#include <cmath>

#include "pipeline/baseline/graph_cut.h"
#include "pipeline/baseline/intensity.h"
#include "pipeline/baseline/spread.h"

namespace dinsd {
namespace {

constexpr double kUnits = 1e6;  // of one

std::int64_t InUnits(double cost) {
  return std::llround(cost * kUnits);
}

// Calls `visit`(axis, voxel, next voxel) for every pair of neighbours.
template <typename Visit>
void ForEachPair(const Size3& size, const Visit& visit) {
  const std::array<std::int64_t, 3> lengths{size.z, size.y, size.x};
  const std::array<std::size_t, 3> strides{static_cast<std::size_t>(size.y * size.x), static_cast<std::size_t>(size.x),
                                           1};
  for (std::size_t at = 0; at < size.VoxelCount(); ++at) {
    const Index3 v = IndexAt(size, at);
    const std::array<std::int64_t, 3> place{v.z, v.y, v.x};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      if (place[axis] + 1 < lengths[axis]) visit(axis, at, at + strides[axis]);
    }
  }
}

void AddNeighbours(std::span<const double> image, const Vec3& spacing, double beta, CutProblem& problem) {
  const double sd = PopulationDeviation(image);
  const double scale = sd > 0 ? beta / (10 * sd) : 0;
  const std::array<double, 3> steps{spacing.z, spacing.y, spacing.x};
  for (auto& costs : problem.neighbour_cost) costs.assign(image.size(), 0);
  ForEachPair(problem.size, [&](std::size_t axis, std::size_t a, std::size_t b) {
    const double difference = image[a] - image[b];
    problem.neighbour_cost[axis][a] = InUnits(std::exp(-scale * difference * difference) / steps[axis]);
  });
}

// More than all that a voxel and its neighbours can cost together.
std::int64_t CostOfASeed(const CutProblem& problem, double highest_region_cost) {
  std::int64_t most = 0;
  for (const auto& costs : problem.neighbour_cost) most += 2 * *std::max_element(costs.begin(), costs.end());
  return most + InUnits(highest_region_cost) + 1;
}

}  // namespace

std::int64_t CutProblem::Energy(std::span<const std::uint8_t> foreground) const {
  std::int64_t energy = 0;
  for (std::size_t at = 0; at < foreground.size(); ++at)
    energy += foreground[at] != 0 ? foreground_cost[at] : background_cost[at];
  ForEachPair(size, [&](std::size_t axis, std::size_t a, std::size_t b) {
    if ((foreground[a] != 0) != (foreground[b] != 0)) energy += neighbour_cost[axis][a];
  });
  return energy;
}

CutProblem MakeCutProblem(std::span<const double> image, const Size3& size, const Vec3& spacing,
                          std::span<const Seed> seeds, const GraphCutOptions& options) {
  CutProblem problem{size};
  AddNeighbours(image, spacing, options.beta, problem);
  const auto& [foreground, background] = CostsOfIntensity(image, seeds, options.intensity);
  const std::int64_t seed_cost =
      CostOfASeed(problem, options.region_weight * std::max(*std::max_element(foreground.begin(), foreground.end()),
                                                            *std::max_element(background.begin(), background.end())));
  problem.foreground_cost.resize(image.size());
  problem.background_cost.resize(image.size());
  for (std::size_t at = 0; at < image.size(); ++at) {
    problem.foreground_cost[at] = seeds[at] == Seed::kNone ? InUnits(options.region_weight * foreground[at])
                                                           : (seeds[at] == Seed::kBackground ? seed_cost : 0);
    problem.background_cost[at] = seeds[at] == Seed::kNone ? InUnits(options.region_weight * background[at])
                                                           : (seeds[at] == Seed::kForeground ? seed_cost : 0);
  }
  return problem;
}

}  // namespace dinsd
