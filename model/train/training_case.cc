#include "model/train/training_case.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "gpu/connected_components.h"

namespace dinsd {
namespace {

constexpr std::int64_t kSmallestLesion = 8;  // voxels; less is dust at the edge of a mask

std::string DrawSet(const std::map<std::string, double>& mix, CounterRandom& random) {
  double total = 0;
  for (const auto& [set, share] : mix) total += share;
  double left = random.Unit() * total;
  for (const auto& [set, share] : mix) {
    left -= share;
    if (left < 0) return set;
  }
  return mix.rbegin()->first;
}

}  // namespace

TrainingCase WithLesions(const PreparedCase& prepared) {
  const Components pieces = LabelComponents(prepared.mask, prepared.size, Connectivity::k26);
  const bool has_large = std::any_of(pieces.sizes.begin(), pieces.sizes.end(),
                                     [](std::int64_t voxels) { return voxels >= kSmallestLesion; });
  std::vector<std::vector<std::size_t>> voxels(pieces.sizes.size());
  for (std::size_t at = 0; at < pieces.labels.size(); ++at) {
    if (pieces.labels[at] > 0) voxels[static_cast<std::size_t>(pieces.labels[at] - 1)].push_back(at);
  }
  if (has_large) {
    std::erase_if(voxels, [](const auto& lesion) { return lesion.size() < std::size_t{kSmallestLesion}; });
  }
  return {&prepared, std::move(voxels)};
}

const TrainingCase& DrawCase(const std::vector<TrainingCase>& cases, const TrainOptions& options,
                             CounterRandom& random) {
  std::vector<const TrainingCase*> drawable;
  const std::string set = options.mix.empty() ? std::string() : DrawSet(options.mix, random);
  for (const TrainingCase& c : cases) {
    if (set.empty() || c.prepared->set == set) drawable.push_back(&c);
  }
  if (drawable.empty()) throw std::invalid_argument("training options: mix names '" + set + "', which has no case");
  return *drawable[static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(drawable.size()) - 1))];
}

}  // namespace dinsd
