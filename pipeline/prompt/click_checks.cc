#include "pipeline/prompt/click_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace dinsd {
namespace {

constexpr double kAirShare = 0.05;
constexpr std::size_t kMostSamples = std::size_t{1} << 20;
constexpr double kRingFromMm = 15, kRingToMm = 30;

using Voxel = std::array<std::int64_t, 3>;  // i, j, k

class ClickChecks {
 public:
  explicit ClickChecks(const Volume& volume) : volume_(volume) {
    const auto& spacing = volume.grid.spacing;
    const auto slice = static_cast<std::size_t>(std::max_element(spacing.begin(), spacing.end()) - spacing.begin());
    in_plane_ = {slice == 0 ? std::size_t{1} : std::size_t{0}, slice == 2 ? std::size_t{1} : std::size_t{2}};
    air_ = AirBelow();
  }

  [[nodiscard]] bool IsInAir(const Voxel& click) const { return At(click) < air_; }

  [[nodiscard]] bool IsBright(const Voxel& click) const {
    double sum = 0;
    int count = 0;
    std::vector<float> ring;
    ForNear(click, [&](const Voxel& v, double distance_mm, bool touches) {
      if (touches) {
        sum += static_cast<double>(At(v));
        ++count;
      }
      if (distance_mm >= kRingFromMm && distance_mm <= kRingToMm) ring.push_back(At(v));
    });
    if (ring.empty()) return true;  // an image smaller than the ring says nothing
    const auto median = ring.begin() + static_cast<std::ptrdiff_t>(ring.size() / 2);
    std::nth_element(ring.begin(), median, ring.end());
    return sum / count > static_cast<double>(*median);
  }

 private:
  [[nodiscard]] float At(const Voxel& v) const {
    const auto& size = volume_.grid.size;
    return volume_.voxels[static_cast<std::size_t>((v[2] * size[1] + v[1]) * size[0] + v[0])];
  }

  [[nodiscard]] float AirBelow() const {
    const std::size_t step = (volume_.voxels.size() + kMostSamples - 1) / kMostSamples;
    std::vector<float> samples;
    for (std::size_t i = 0; i < volume_.voxels.size(); i += step) samples.push_back(volume_.voxels[i]);
    const auto at = samples.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(samples.size()) * kAirShare);
    std::nth_element(samples.begin(), at, samples.end());
    return *at;
  }

  // Calls visit(voxel, distance in mm, within one voxel) for the voxels of the click's slice within the ring.
  template <typename Visit>
  void ForNear(const Voxel& click, const Visit& visit) const {
    const auto [a, b] = in_plane_;
    const auto& grid = volume_.grid;
    const auto reach = [&](std::size_t axis) { return static_cast<std::int64_t>(kRingToMm / grid.spacing[axis]) + 1; };
    Voxel v = click;
    for (v[a] = std::max<std::int64_t>(0, click[a] - reach(a)); v[a] <= std::min(grid.size[a] - 1, click[a] + reach(a));
         ++v[a]) {
      for (v[b] = std::max<std::int64_t>(0, click[b] - reach(b));
           v[b] <= std::min(grid.size[b] - 1, click[b] + reach(b)); ++v[b]) {
        const auto da = static_cast<double>(v[a] - click[a]), db = static_cast<double>(v[b] - click[b]);
        visit(v, std::hypot(da * grid.spacing[a], db * grid.spacing[b]), std::abs(da) <= 1 && std::abs(db) <= 1);
      }
    }
  }

  const Volume& volume_;
  std::array<std::size_t, 2> in_plane_{};
  float air_ = 0;
};

void AddFlag(std::vector<std::string>& flags, const char* flag) {
  if (std::find(flags.begin(), flags.end(), flag) == flags.end()) flags.emplace_back(flag);
}

}  // namespace

bool ShowsTumoursBright(const std::string& sequence) {
  return sequence.find("stir") != std::string::npos || sequence.find("t2") != std::string::npos;
}

void FlagUnlikelyClicks(const Volume& volume, const std::string& sequence, ResolvedPrompts& prompts) {
  if (volume.voxels.empty()) return;
  const ClickChecks checks(volume);
  for (ResolvedLesion& lesion : prompts.lesions) {
    for (const ResolvedClick& click : lesion.clicks) {
      if (checks.IsInAir(click.ijk)) AddFlag(lesion.flags, "CLICK_IN_AIR");
      const bool is_expected_bright = click.sign == Polarity::kPositive && ShowsTumoursBright(sequence);
      if (is_expected_bright && !checks.IsBright(click.ijk)) AddFlag(lesion.flags, "CLICK_NOT_BRIGHT");
    }
  }
}

}  // namespace dinsd
