#include "pipeline/interval/vary_clicks.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "model/train/counter_random.h"

namespace dinsd {
namespace {

using Ijk = std::array<std::int64_t, 3>;

constexpr int kMostTries = 30;  // to find a place for one click

class Variation {
 public:
  Variation(const ClickVariation& given, int run)
      : given_(given), random_(given.seed, static_cast<std::uint64_t>(run)) {
    Keep(given.prompts.whole.background);
    for (const ResolvedLesion& lesion : given.prompts.whole.lesions) Keep(lesion.clicks);
  }

  StationPrompts Run() {
    StationPrompts varied = given_.prompts;
    for (std::size_t k = 0; k < varied.whole.lesions.size(); ++k) {
      if (given_.deep.at(k).empty()) continue;
      std::vector<ResolvedClick>& clicks = varied.whole.lesions[k].clicks;
      clicks = ClicksOf(k);
      for (std::size_t s = 0; s < varied.stations.size(); ++s)
        varied.stations[s].lesions.at(k).clicks = InStation(s, clicks);
    }
    return varied;
  }

 private:
  // Positive clicks move to voxels of a lesion and negative ones to voxels of none, so that either can only meet one of
  // the other sign that stays where it was.
  void Keep(const std::vector<ResolvedClick>& clicks) {
    for (const ResolvedClick& click : clicks)
      (click.sign == Polarity::kNegative ? negative_ : positive_).insert(click.ijk);
  }

  std::vector<ResolvedClick> ClicksOf(std::size_t k) {
    const std::vector<ResolvedClick>& before = given_.prompts.whole.lesions[k].clicks;
    auto positive = std::count_if(before.begin(), before.end(),
                                  [](const ResolvedClick& click) { return click.sign == Polarity::kPositive; });
    std::vector<ResolvedClick> after;
    for (const ResolvedClick& click : before) {
      if (click.sign == Polarity::kPositive && positive > 1 && random_.Unit() < given_.how.drop) {
        --positive;
        continue;
      }
      after.push_back(click);
      if (const std::optional<Ijk> place = PlaceFor(k, click)) after.back().ijk = *place;
    }
    return after;
  }

  std::optional<Ijk> PlaceFor(std::size_t k, const ResolvedClick& click) {
    if (click.sign == Polarity::kNegative) return Near(click.ijk, 0);
    if (random_.Unit() < given_.how.exchange) {
      const InsideVoxels& deep = given_.deep[k];
      const Ijk& place = deep[static_cast<std::size_t>(random_.Between(0, static_cast<std::int64_t>(deep.size()) - 1))];
      if (!negative_.contains(place)) return place;
    }
    return Near(click.ijk, static_cast<std::uint16_t>(k + 1));
  }

  // A voxel of `label` within the reach of `from`, uniform in that ball.
  std::optional<Ijk> Near(const Ijk& from, std::uint16_t label) {
    const GridGeometry& grid = given_.mask.grid;
    const double reach = given_.how.jitter_mm;
    for (int tries = 0; reach > 0 && tries < kMostTries; ++tries) {
      const std::array<double, 3> mm = InBall(reach);
      Ijk to = from;
      bool is_inside = true;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        to[axis] += std::llround(mm[axis] / grid.spacing[axis]);
        is_inside = is_inside && to[axis] >= 0 && to[axis] < grid.size[axis];
      }
      if (!is_inside || given_.mask.labels[Offset(grid.SizeZyx(), {to[2], to[1], to[0]})] != label) continue;
      if (!(label == 0 ? positive_ : negative_).contains(to)) return to;
    }
    return std::nullopt;
  }

  std::array<double, 3> InBall(double radius) {
    for (;;) {
      const std::array<double, 3> p = {random_.Uniform(-1, 1), random_.Uniform(-1, 1), random_.Uniform(-1, 1)};
      if (p[0] * p[0] + p[1] * p[1] + p[2] * p[2] <= 1) return {p[0] * radius, p[1] * radius, p[2] * radius};
    }
  }

  [[nodiscard]] std::vector<ResolvedClick> InStation(std::size_t s, const std::vector<ResolvedClick>& clicks) const {
    const StationBlock& block = given_.map.stations.at(s);
    std::vector<ResolvedClick> inside;
    for (ResolvedClick click : clicks) {
      if (!block.Covers(click.ijk)) continue;
      for (std::size_t axis = 0; axis < 3; ++axis) click.ijk[axis] -= block.offset[axis];
      inside.push_back(click);
    }
    return inside;
  }

  const ClickVariation& given_;
  CounterRandom random_;
  std::set<Ijk> positive_, negative_;  // as given, of all lesions and the background
};

}  // namespace

StationPrompts VaryClicks(const ClickVariation& variation, int run) {
  return Variation(variation, run).Run();
}

}  // namespace dinsd
