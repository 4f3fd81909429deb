#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "pipeline/baseline/graph_cut.h"
#include "pipeline/baseline/random_walker.h"

// Prints what the random walker and the graph cut say about random volumes, with all that another program needs to say
// the same: baseline_agreement.py compares.   usage: baseline_answers SEED CASES

namespace dinsd {
namespace {

using Engine = std::mt19937_64;

double Unit(Engine& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

// A ball that is brighter than its noisy ground.
std::vector<double> Image(const Size3& size, Engine& random) {
  const double contrast = 3 * Unit(random), radius = 0.2 + 0.2 * Unit(random);
  std::vector<double> image(size.VoxelCount());
  for (std::size_t at = 0; at < image.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    const double z = static_cast<double>(v.z) / static_cast<double>(size.z) - 0.5;
    const double y = static_cast<double>(v.y) / static_cast<double>(size.y) - 0.5;
    const double x = static_cast<double>(v.x) / static_cast<double>(size.x) - 0.5;
    image[at] = (z * z + y * y + x * x < radius * radius ? contrast : 0) + 2 * Unit(random) - 1;
  }
  return image;
}

std::vector<Seed> Seeds(std::size_t voxels, Engine& random) {
  std::vector<Seed> seeds(voxels, Seed::kNone);
  seeds[voxels / 2] = Seed::kForeground;
  for (int k = 0; k < 5; ++k) seeds[random() % voxels] = Seed::kForeground;
  for (int k = 0; k < 10; ++k) seeds[random() % voxels] = Seed::kBackground;
  seeds.front() = Seed::kBackground;
  seeds[voxels / 2] = Seed::kForeground;
  return seeds;
}

nlohmann::json Answer(Engine& random) {
  const auto length = [&] { return 4 + static_cast<std::int64_t>(random() % 9); };
  const Size3 size{length(), length(), length()};
  const Vec3 spacing{1 + 3 * Unit(random), 1, 1 + Unit(random)};
  const std::vector<double> image = Image(size, random);
  const std::vector<Seed> seeds = Seeds(image.size(), random);
  std::vector<int> labels;
  for (const Seed seed : seeds) labels.push_back(static_cast<int>(seed));
  const double beta = 10 + 200 * Unit(random);
  const CutProblem problem = MakeCutProblem(image, size, spacing, seeds, {.region_weight = Unit(random)});
  const Cut cut = LeastCut(problem);
  return {{"size", {size.z, size.y, size.x}},
          {"spacing", {spacing.z, spacing.y, spacing.x}},
          {"image", image},
          {"seeds", labels},
          {"beta", beta},
          {"probability", WalkerProbability(image, size, spacing, seeds,
                                            {.beta = beta, .steps = WalkerSteps::kSlope, .tolerance = 1e-12})},
          {"background_cost", problem.background_cost},
          {"foreground_cost", problem.foreground_cost},
          {"neighbour_cost", problem.neighbour_cost},
          {"foreground", cut.foreground},
          {"energy", cut.energy}};
}

}  // namespace
}  // namespace dinsd

int main(int count, char** words) {
  if (count != 3) return 2;
  dinsd::Engine random(std::strtoull(words[1], nullptr, 10));
  nlohmann::json answers = nlohmann::json::array();
  for (int k = std::atoi(words[2]); k > 0; --k) answers.push_back(dinsd::Answer(random));
  std::puts(answers.dump().c_str());
}
