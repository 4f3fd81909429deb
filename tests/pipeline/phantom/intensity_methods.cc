#include "tests/pipeline/phantom/intensity_methods.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <set>
#include <unordered_map>

#include "gpu/connected_components.h"

namespace dinsd {
namespace {

constexpr int kStep = 10;       // of thresholds and tolerances
constexpr int kSettings = 100;  // up to 1000

using Curve = std::array<double, kSettings>;  // DSC of one lesion for each setting

std::vector<std::vector<std::size_t>> VoxelsOf(const Phantom& phantom) {
  std::vector<std::vector<std::size_t>> voxels(phantom.lesions.size());
  for (std::size_t v = 0; v < phantom.truth.labels.size(); ++v) {
    if (phantom.truth.labels[v] > 0) voxels[phantom.truth.labels[v] - 1U].push_back(v);
  }
  return voxels;
}

IntensityResult Summarise(const std::vector<Curve>& curves) {
  IntensityResult result;
  for (int n = 0; n < kSettings; ++n) {
    double sum = 0;
    for (const Curve& curve : curves) sum += curve[static_cast<std::size_t>(n)];
    if (sum / static_cast<double>(curves.size()) <= result.best_mean) continue;
    result.best_mean = sum / static_cast<double>(curves.size());
    result.best_setting = n * kStep;
  }
  for (const Curve& curve : curves)
    result.best_each += *std::max_element(curve.begin(), curve.end()) / static_cast<double>(curves.size());
  return result;
}

double TouchingDice(const Components& components, const std::vector<std::size_t>& lesion) {
  std::set<std::int32_t> touching;
  double hit = 0;
  for (const std::size_t v : lesion) {
    if (components.labels[v] == 0) continue;
    touching.insert(components.labels[v]);
    ++hit;
  }
  double found = 0;
  for (const std::int32_t label : touching)
    found += static_cast<double>(components.sizes[static_cast<std::size_t>(label - 1)]);
  return 2 * hit / (found + static_cast<double>(lesion.size()));
}

struct Reached {
  float need;
  std::int64_t voxel;
  friend bool operator>(const Reached& a, const Reached& b) {
    return a.need != b.need ? a.need > b.need : a.voxel > b.voxel;
  }
};

// The tolerance at which each voxel is first reached from `start`, nearest first, until `most` voxels are.
void Grow(const Volume& image, std::int64_t start, std::size_t most, std::unordered_map<std::int64_t, float>& needs) {
  const auto& size = image.grid.size;
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> front;
  std::unordered_map<std::int64_t, float> done;
  front.push({0, start});
  const float seed = image.voxels[static_cast<std::size_t>(start)];
  while (!front.empty() && done.size() < most) {
    const Reached here = front.top();
    front.pop();
    if (!done.emplace(here.voxel, here.need).second) continue;
    const auto found = needs.emplace(here.voxel, here.need);
    if (!found.second) found.first->second = std::min(found.first->second, here.need);
    const std::array<std::int64_t, 3> at = {here.voxel % size[0], here.voxel / size[0] % size[1],
                                            here.voxel / (size[0] * size[1])};
    for (std::int64_t n = 0; n < 27; ++n) {
      const std::int64_t i = at[0] + n % 3 - 1, j = at[1] + n / 3 % 3 - 1, k = at[2] + n / 9 - 1;
      if (i < 0 || j < 0 || k < 0 || i >= size[0] || j >= size[1] || k >= size[2]) continue;
      const std::int64_t next = (k * size[1] + j) * size[0] + i;
      if (done.contains(next)) continue;
      front.push({std::max(here.need, std::abs(image.voxels[static_cast<std::size_t>(next)] - seed)), next});
    }
  }
}

Curve GrowingCurve(const Phantom& phantom, std::size_t n, const std::vector<std::size_t>& lesion) {
  std::unordered_map<std::int64_t, float> needs;
  for (const auto& click : phantom.lesions[n].clicks_lps) {
    const std::array<double, 3> index = IndexFromLps(phantom.image.grid, click);
    const auto& size = phantom.image.grid.size;
    const std::int64_t start =
        (std::llround(index[2]) * size[1] + std::llround(index[1])) * size[0] + std::llround(index[0]);
    Grow(phantom.image, start, 30 * lesion.size() + 2000, needs);  // beyond that the DSC is under 0.07
  }
  std::array<double, kSettings> found{}, hit{};
  for (const auto& [voxel, need] : needs) {
    const auto first = static_cast<std::size_t>(std::ceil(need / kStep));
    if (first >= kSettings) continue;
    ++found[first];
    if (phantom.truth.labels[static_cast<std::size_t>(voxel)] == n + 1) ++hit[first];
  }
  Curve curve{};
  double all = 0, right = 0;
  for (std::size_t s = 0; s < kSettings; ++s) {
    all += found[s];
    right += hit[s];
    curve[s] = 2 * right / (all + static_cast<double>(lesion.size()));
  }
  return curve;
}

}  // namespace

IntensityResult BestThreshold(const Phantom& phantom) {
  const auto lesions = VoxelsOf(phantom);
  std::vector<Curve> curves(lesions.size(), Curve{});
  std::vector<std::uint8_t> above(phantom.image.voxels.size());
  for (int n = 5; n < kSettings; n += 2) {
    const auto threshold = static_cast<float>(n * kStep);
    for (std::size_t v = 0; v < above.size(); ++v) above[v] = phantom.image.voxels[v] >= threshold ? 1 : 0;
    const Components components = LabelComponents(above, phantom.image.grid.SizeZyx(), Connectivity::k26);
    for (std::size_t l = 0; l < lesions.size(); ++l)
      curves[l][static_cast<std::size_t>(n)] = TouchingDice(components, lesions[l]);
  }
  return Summarise(curves);
}

IntensityResult BestRegionGrowing(const Phantom& phantom) {
  const auto lesions = VoxelsOf(phantom);
  std::vector<Curve> curves;
  for (std::size_t l = 0; l < lesions.size(); ++l) curves.push_back(GrowingCurve(phantom, l, lesions[l]));
  return Summarise(curves);
}

}  // namespace dinsd
