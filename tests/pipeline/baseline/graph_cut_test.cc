#include "pipeline/baseline/graph_cut.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/random.h"

namespace dinsd {
namespace {

CutProblem RandomProblem(const Size3& size, TestRandom& random) {
  CutProblem problem{size};
  const std::size_t n = size.VoxelCount();
  for (auto* costs : {&problem.background_cost, &problem.foreground_cost}) {
    costs->resize(n);
    for (auto& cost : *costs) cost = random.Below(1000);
  }
  for (auto& costs : problem.neighbour_cost) {
    costs.resize(n);
    for (auto& cost : costs) cost = random.Below(500);
  }
  return problem;
}

// The least energy of all choices, tried one by one.
std::int64_t LeastOfAll(const CutProblem& problem) {
  const std::size_t n = problem.size.VoxelCount();
  std::vector<std::uint8_t> choice(n);
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::uint32_t bits = 0; bits < 1U << n; ++bits) {
    for (std::size_t at = 0; at < n; ++at) choice[at] = static_cast<std::uint8_t>(bits >> at & 1U);
    least = std::min(least, problem.Energy(choice));
  }
  return least;
}

TEST(GraphCutTest, FindsTheLeastOfAllChoices) {
  TestRandom random(2001);
  for (const Size3 size : {Size3{2, 3, 2}, Size3{3, 3, 1}, Size3{1, 1, 5}, Size3{2, 2, 3}, Size3{1, 3, 4}}) {
    for (int trial = 0; trial < 10; ++trial) {
      const CutProblem problem = RandomProblem(size, random);
      const Cut cut = LeastCut(problem);
      EXPECT_EQ(cut.energy, LeastOfAll(problem));
      EXPECT_EQ(problem.Energy(cut.foreground), cut.energy);
    }
  }
}

TEST(GraphCutTest, FindsTheLeastOfAllChoicesOfEighteenVoxels) {
  TestRandom random(2004);
  const CutProblem problem = RandomProblem({3, 3, 2}, random);
  EXPECT_EQ(LeastCut(problem).energy, LeastOfAll(problem));
}

TEST(GraphCutTest, EnergyOfTheFlowIsThatOfTheMaskOnLargerProblems) {
  TestRandom random(7);
  for (int trial = 0; trial < 5; ++trial) {
    const CutProblem problem = RandomProblem({6, 15, 11}, random);
    const Cut cut = LeastCut(problem);
    EXPECT_EQ(problem.Energy(cut.foreground), cut.energy);
  }
}

TEST(GraphCutTest, CountsEachPairOfNeighboursOnce) {
  CutProblem problem{{2, 2, 2}};
  problem.background_cost = problem.foreground_cost = std::vector<std::int64_t>(8, 0);
  problem.neighbour_cost = {std::vector<std::int64_t>(8, 100), std::vector<std::int64_t>(8, 10),
                            std::vector<std::int64_t>(8, 1)};
  EXPECT_EQ(problem.Energy(std::vector<std::uint8_t>{1, 0, 0, 0, 0, 0, 0, 0}), 111);
  EXPECT_EQ(problem.Energy(std::vector<std::uint8_t>{1, 1, 1, 1, 0, 0, 0, 0}), 400);
}

TEST(GraphCutTest, SeedsKeepTheirSideAgainstEverything) {
  TestRandom random(11);
  const Size3 size{4, 5, 6};
  std::vector<double> image(size.VoxelCount());
  for (double& v : image) v = random.Unit();
  std::vector<Seed> seeds(image.size(), Seed::kNone);
  for (int k = 0; k < 20; ++k) {
    seeds[static_cast<std::size_t>(random.Below(120))] = k % 2 == 0 ? Seed::kForeground : Seed::kBackground;
  }
  const Cut cut = LeastCut(MakeCutProblem(image, size, {3, 1, 1}, seeds, {.region_weight = 2}));
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    if (seeds[at] != Seed::kNone) {
      EXPECT_EQ(cut.foreground[at] != 0, seeds[at] == Seed::kForeground) << at;
    }
  }
}

TEST(GraphCutTest, IntensityCountsOnlyByItsWeight) {
  const Size3 size{1, 1, 6};
  const std::vector<double> image{0, 0, 0.1, 1, 0.9, 1};
  std::vector<Seed> seeds(6, Seed::kNone);
  seeds.front() = Seed::kForeground;
  seeds.back() = Seed::kBackground;
  const auto cost = [&](double weight) {
    return MakeCutProblem(image, size, {1, 1, 1}, seeds, {.region_weight = weight});
  };
  EXPECT_EQ(cost(0).foreground_cost[2], 0);
  EXPECT_LT(cost(1).foreground_cost[2], cost(1).background_cost[2]);
  EXPECT_GT(cost(1).foreground_cost[4], cost(1).background_cost[4]);
  EXPECT_EQ(LeastCut(cost(1)).foreground, (std::vector<std::uint8_t>{1, 1, 1, 0, 0, 0}));
}

}  // namespace
}  // namespace dinsd
