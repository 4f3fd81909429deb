#include "pipeline/followup/warp_labels.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

namespace dinsd {
namespace {

using Index = std::array<std::int64_t, 3>;

Point3 PlaceOf(const GridGeometry& grid, const Index& ijk) {
  return LpsFromIndex(grid, {static_cast<double>(ijk[0]), static_cast<double>(ijk[1]), static_cast<double>(ijk[2])});
}

Index NearestOf(const GridGeometry& grid, const Point3& lps) {
  const Point3 at = IndexFromLps(grid, lps);
  return {std::llround(at[0]), std::llround(at[1]), std::llround(at[2])};
}

bool Holds(const GridGeometry& grid, const Index& ijk) {
  for (std::size_t d = 0; d < 3; ++d) {
    if (ijk[d] < 0 || ijk[d] >= grid.size[d]) return false;
  }
  return true;
}

std::size_t At(const GridGeometry& grid, const Index& ijk) {
  return Offset(grid.SizeZyx(), {ijk[2], ijk[1], ijk[0]});
}

std::map<std::uint16_t, std::vector<Index>> VoxelsByLabel(const LabelMap& map) {
  std::map<std::uint16_t, std::vector<Index>> voxels;
  std::size_t at = 0;
  for (std::int64_t k = 0; k < map.grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < map.grid.size[1]; ++j) {
      for (std::int64_t i = 0; i < map.grid.size[0]; ++i, ++at) {
        if (map.labels[at] != 0) voxels[map.labels[at]].push_back({i, j, k});
      }
    }
  }
  return voxels;
}

Point3 CentreOf(const GridGeometry& grid, const std::vector<Index>& voxels) {
  Point3 sum{};
  for (const Index& v : voxels) {
    for (std::size_t d = 0; d < 3; ++d) sum[d] += static_cast<double>(v[d]);
  }
  for (double& s : sum) s /= static_cast<double>(voxels.size());
  return LpsFromIndex(grid, sum);
}

// A part of today's grid, half-open.
struct Box {
  Index low{}, high{};
};

// Brings one lesion after the other onto today's grid.
class LabelWarper {
 public:
  LabelWarper(const LabelMap& prior, const GridGeometry& today, const StudyRegistration& registration,
              const WarpLabelsOptions& options)
      : prior_(prior), registration_(registration), options_(options) {
    result_.map = {today, std::vector<std::uint16_t>(today.SizeZyx().VoxelCount(), 0)};
  }

  WarpedLabels Run() {
    for (const auto& [label, voxels] : VoxelsByLabel(prior_)) Pull(label, voxels);
    for (const auto& [label, voxels] : thin_) Push(label, voxels);
    return std::move(result_);
  }

 private:
  // A small lesion's voxels each, of a large one every n-th.
  [[nodiscard]] std::vector<Index> PlacesToday(const std::vector<Index>& voxels) const {
    constexpr std::size_t kMost = 4000;
    const std::size_t step = voxels.size() / kMost + 1;
    std::vector<Index> places;
    places.reserve(voxels.size() / step + 1);
    for (std::size_t n = 0; n < voxels.size(); n += step)
      places.push_back(NearestOf(Today(), registration_.ToToday(PlaceOf(prior_.grid, voxels[n]))));
    return places;
  }

  [[nodiscard]] Box BoxRound(const std::vector<Index>& places) const {
    constexpr double kMarginMm = 12;
    Box box{places.front(), places.front()};
    for (const Index& place : places) {
      for (std::size_t d = 0; d < 3; ++d) {
        box.low[d] = std::min(box.low[d], place[d]);
        box.high[d] = std::max(box.high[d], place[d]);
      }
    }
    for (std::size_t d = 0; d < 3; ++d) {
      const auto margin = static_cast<std::int64_t>(std::ceil(kMarginMm / Today().spacing[d]));
      box.low[d] = std::clamp<std::int64_t>(box.low[d] - margin, 0, Today().size[d]);
      box.high[d] = std::clamp<std::int64_t>(box.high[d] + margin + 1, 0, Today().size[d]);
    }
    return box;
  }

  void Pull(std::uint16_t label, const std::vector<Index>& voxels) {
    WarpedLesion lesion = Describe(label, voxels);
    const std::vector<Index> places = PlacesToday(voxels);
    const auto inside = std::count_if(places.begin(), places.end(), [&](const Index& p) { return Holds(Today(), p); });
    lesion.share_imaged = static_cast<double>(inside) / static_cast<double>(places.size());
    const Box box = BoxRound(places);
    for (std::int64_t k = box.low[2]; k < box.high[2]; ++k) {
      for (std::int64_t j = box.low[1]; j < box.high[1]; ++j) {
        for (std::int64_t i = box.low[0]; i < box.high[0]; ++i) {
          const Index from = NearestOf(prior_.grid, registration_.ToPrior(PlaceOf(Today(), {i, j, k})));
          if (!Holds(prior_.grid, from) || prior_.labels[At(prior_.grid, from)] != label) continue;
          result_.map.labels[At(Today(), {i, j, k})] = label;
          ++lesion.voxels_today;
        }
      }
    }
    if (lesion.share_imaged < options_.least_imaged_share) {
      lesion.flags.emplace_back("not_imaged");
    } else if (inside < static_cast<std::ptrdiff_t>(places.size())) {
      lesion.flags.emplace_back("partly_imaged");
    }
    result_.lesions.push_back(lesion);
    if (lesion.voxels_today == 0 && inside > 0) thin_.emplace_back(label, voxels);
  }

  // Every voxel of a lesion that lies between today's slices goes to the nearest one that is free.
  void Push(std::uint16_t label, const std::vector<Index>& voxels) {
    const auto lesion = std::find_if(result_.lesions.begin(), result_.lesions.end(),
                                     [&](const WarpedLesion& l) { return l.label == label; });
    for (const Index& place : PlacesToday(voxels)) {
      if (!Holds(Today(), place)) continue;
      std::uint16_t& there = result_.map.labels[At(Today(), place)];
      if (there != 0) continue;
      there = label;
      ++lesion->voxels_today;
    }
    lesion->flags.emplace_back("thin");
  }

  [[nodiscard]] WarpedLesion Describe(std::uint16_t label, const std::vector<Index>& voxels) const {
    WarpedLesion lesion;
    lesion.label = label;
    lesion.voxels_prior = static_cast<std::int64_t>(voxels.size());
    lesion.centre_prior = CentreOf(prior_.grid, voxels);
    const std::size_t part = registration_.PartOf(lesion.centre_prior);
    const Registration& registration = registration_.parts.at(part);
    lesion.centre_today = registration.ToToday(lesion.centre_prior);
    if (const std::optional<Point3> moved = registration.RoundTrip(lesion.centre_prior)) {
      lesion.round_trip_mm = std::hypot((*moved)[0], (*moved)[1], (*moved)[2]);
      if (std::hypot((*moved)[0], (*moved)[1]) > options_.round_trip_mm || std::abs((*moved)[2]) > Today().spacing[2])
        lesion.flags.emplace_back("reg_roundtrip");
    }
    return lesion;
  }

  [[nodiscard]] const GridGeometry& Today() const { return result_.map.grid; }

  const LabelMap& prior_;
  const StudyRegistration& registration_;
  const WarpLabelsOptions& options_;
  WarpedLabels result_;
  std::vector<std::pair<std::uint16_t, std::vector<Index>>> thin_;
};

float LinearAt(const Volume& volume, const Point3& lps) {
  const Point3 at = IndexFromLps(volume.grid, lps);
  Index low{};
  Point3 t{};
  for (std::size_t d = 0; d < 3; ++d) {
    const auto last = static_cast<double>(volume.grid.size[d] - 1);
    if (!(at[d] >= -0.5 && at[d] <= last + 0.5)) return 0;
    const double inside = std::clamp(at[d], 0.0, last);
    low[d] = std::clamp<std::int64_t>(static_cast<std::int64_t>(inside), 0,
                                      std::max<std::int64_t>(volume.grid.size[d] - 2, 0));
    t[d] = inside - static_cast<double>(low[d]);
  }
  double sum = 0;
  for (unsigned corner = 0; corner < 8; ++corner) {
    double weight = 1;
    Index v = low;
    for (std::size_t d = 0; d < 3; ++d) {
      const bool is_far = ((corner >> d) & 1U) != 0;
      weight *= is_far ? t[d] : 1 - t[d];
      if (is_far) v[d] = std::min(v[d] + 1, volume.grid.size[d] - 1);
    }
    if (weight > 0) sum += weight * volume.voxels[At(volume.grid, v)];
  }
  return static_cast<float>(sum);
}

// Places of the prior study on a lattice of today's grid, linear between.
class PlaceLattice {
 public:
  PlaceLattice(const GridGeometry& grid, const StudyRegistration& registration) {
    constexpr double kPitchMm = 8;
    for (std::size_t d = 0; d < 3; ++d) {
      step_[d] = std::max<std::int64_t>(1, std::llround(kPitchMm / grid.spacing[d]));
      count_[d] = (grid.size[d] - 1) / step_[d] + 2;
    }
    places_.reserve(static_cast<std::size_t>(count_[0] * count_[1] * count_[2]));
    for (std::int64_t k = 0; k < count_[2]; ++k) {
      for (std::int64_t j = 0; j < count_[1]; ++j) {
        for (std::int64_t i = 0; i < count_[0]; ++i)
          places_.push_back(registration.ToPrior(PlaceOf(grid, {i * step_[0], j * step_[1], k * step_[2]})));
      }
    }
  }

  [[nodiscard]] Point3 Of(const Index& ijk) const {
    Index low{};
    Point3 t{}, place{};
    for (std::size_t d = 0; d < 3; ++d) {
      low[d] = ijk[d] / step_[d];
      t[d] = static_cast<double>(ijk[d] % step_[d]) / static_cast<double>(step_[d]);
    }
    for (unsigned corner = 0; corner < 8; ++corner) {
      double weight = 1;
      Index v = low;
      for (std::size_t d = 0; d < 3; ++d) {
        const bool is_far = ((corner >> d) & 1U) != 0;
        weight *= is_far ? t[d] : 1 - t[d];
        if (is_far) ++v[d];
      }
      if (weight == 0) continue;
      const Point3& p = places_[static_cast<std::size_t>((v[2] * count_[1] + v[1]) * count_[0] + v[0])];
      for (std::size_t d = 0; d < 3; ++d) place[d] += weight * p[d];
    }
    return place;
  }

 private:
  Index step_{}, count_{};
  std::vector<Point3> places_;
};

template <typename PlaceFn>
Volume Pulled(const Volume& prior, const GridGeometry& today, const PlaceFn& place_of) {
  Volume warped{today, {}};
  warped.voxels.reserve(today.SizeZyx().VoxelCount());
  for (std::int64_t k = 0; k < today.size[2]; ++k) {
    for (std::int64_t j = 0; j < today.size[1]; ++j) {
      for (std::int64_t i = 0; i < today.size[0]; ++i) warped.voxels.push_back(LinearAt(prior, place_of({i, j, k})));
    }
  }
  return warped;
}

}  // namespace

void WarpLabelsOptions::Check() const {
  if (!(least_imaged_share > 0 && least_imaged_share <= 1))
    throw std::invalid_argument("least_imaged_share must be above 0 and at most 1");
  if (!(round_trip_mm > 0)) throw std::invalid_argument("round_trip_mm must be above 0");
}

WarpedLabels WarpLabels(const LabelMap& prior, const GridGeometry& today, const StudyRegistration& registration,
                        const WarpLabelsOptions& options) {
  options.Check();
  if (prior.labels.size() != prior.grid.SizeZyx().VoxelCount())
    throw std::invalid_argument("WarpLabels: the mask does not fill its grid");
  return LabelWarper(prior, today, registration, options).Run();
}

Volume WarpImage(const Volume& prior, const GridGeometry& today, const StudyRegistration& registration) {
  const PlaceLattice places(today, registration);
  return Pulled(prior, today, [&](const Index& ijk) { return places.Of(ijk); });
}

Volume ResampleImage(const Volume& prior, const GridGeometry& today) {
  return Pulled(prior, today, [&](const Index& ijk) { return PlaceOf(today, ijk); });
}

}  // namespace dinsd
