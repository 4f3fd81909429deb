#include "pipeline/followup/match_lesions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <stdexcept>

#include "gpu/distance_transform.h"
#include "pipeline/followup/assignment.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

// One lesion: where it is, and where its dilated mask is.
struct Blob {
  std::vector<std::size_t> voxels;   // offsets in the grid, ascending
  std::vector<std::size_t> dilated;  // likewise
  std::array<double, 3> centroid{};  // LPS mm
};

struct Box {
  std::array<std::int64_t, 3> low, high;  // both inclusive; i, j, k
};

std::array<std::int64_t, 3> IjkAt(const GridGeometry& grid, std::size_t at) {
  const Index3 v = IndexAt(grid.SizeZyx(), at);
  return {v.x, v.y, v.z};
}

// How far the dilation reaches along each axis: in mm, the slice axis by slices.
std::array<double, 3> ReachMm(const GridGeometry& grid, const MatchOptions& options) {
  const std::size_t across = ChooseAxes(grid, AxisRule::kSliceAxis).source[0];
  std::array<double, 3> reach = {options.dilation_mm, options.dilation_mm, options.dilation_mm};
  reach.at(across) = options.dilation_slices * grid.spacing.at(across);
  return reach;
}

Box BoxRound(const GridGeometry& grid, const std::vector<std::size_t>& voxels, const std::array<double, 3>& reach) {
  Box box{IjkAt(grid, voxels.front()), IjkAt(grid, voxels.front())};
  for (const std::size_t at : voxels) {
    const std::array<std::int64_t, 3> ijk = IjkAt(grid, at);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      box.low.at(axis) = std::min(box.low.at(axis), ijk.at(axis));
      box.high.at(axis) = std::max(box.high.at(axis), ijk.at(axis));
    }
  }
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const auto more = static_cast<std::int64_t>(std::ceil(reach.at(axis) / grid.spacing.at(axis)));
    box.low.at(axis) = std::max<std::int64_t>(0, box.low.at(axis) - more);
    box.high.at(axis) = std::min(grid.size.at(axis) - 1, box.high.at(axis) + more);
  }
  return box;
}

// The voxels within an ellipsoid of half axes `reach` of the lesion.
std::vector<std::size_t> Dilated(const GridGeometry& grid, const std::vector<std::size_t>& voxels,
                                 const std::array<double, 3>& reach) {
  const Box box = BoxRound(grid, voxels, reach);
  const Size3 size = {box.high[2] - box.low[2] + 1, box.high[1] - box.low[1] + 1, box.high[0] - box.low[0] + 1};
  std::vector<std::uint8_t> lesion(size.VoxelCount(), 0);
  for (const std::size_t at : voxels) {
    const std::array<std::int64_t, 3> ijk = IjkAt(grid, at);
    lesion[Offset(size, {ijk[2] - box.low[2], ijk[1] - box.low[1], ijk[0] - box.low[0]})] = 1;
  }
  const auto scaled = [&](std::size_t axis) { return grid.spacing.at(axis) / std::max(reach.at(axis), 1e-3); };
  const std::vector<float> distance = DistanceToMask(lesion, size, {scaled(2), scaled(1), scaled(0)});
  std::vector<std::size_t> dilated;
  for (std::size_t at = 0; at < distance.size(); ++at) {
    if (distance[at] > 1) continue;
    const Index3 v = IndexAt(size, at);
    dilated.push_back(Offset(grid.SizeZyx(), {v.z + box.low[2], v.y + box.low[1], v.x + box.low[0]}));
  }
  return dilated;
}

std::array<double, 3> CentroidOf(const GridGeometry& grid, const std::vector<std::size_t>& voxels) {
  std::array<double, 3> sum{};
  for (const std::size_t at : voxels) {
    const std::array<std::int64_t, 3> ijk = IjkAt(grid, at);
    for (std::size_t axis = 0; axis < 3; ++axis) sum.at(axis) += static_cast<double>(ijk.at(axis));
  }
  for (double& mean : sum) mean /= static_cast<double>(voxels.size());
  return LpsFromIndex(grid, sum);
}

// By label, without those that have no voxel.
std::map<std::uint16_t, Blob> BlobsOf(const LabelMap& mask, const MatchOptions& options) {
  std::map<std::uint16_t, Blob> blobs;
  for (std::size_t at = 0; at < mask.labels.size(); ++at) {
    if (mask.labels[at] != 0) blobs[mask.labels[at]].voxels.push_back(at);
  }
  const std::array<double, 3> reach = ReachMm(mask.grid, options);
  for (auto& [label, blob] : blobs) {
    blob.dilated = Dilated(mask.grid, blob.voxels, reach);
    blob.centroid = CentroidOf(mask.grid, blob.voxels);
  }
  return blobs;
}

std::size_t Common(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  if (a.empty() || b.empty() || a.back() < b.front() || b.back() < a.front()) return 0;
  std::size_t count = 0;
  for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
    if (*x == *y) {
      ++count, ++x, ++y;
    } else if (*x < *y) {
      ++x;
    } else {
      ++y;
    }
  }
  return count;
}

LesionMatches::Pair PairOf(std::uint16_t p, const Blob& prior, std::uint16_t t, const Blob& today) {
  const auto common = static_cast<double>(Common(prior.dilated, today.dilated));
  const auto both = static_cast<double>(prior.dilated.size() + today.dilated.size()) - common;
  double squares = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double d = prior.centroid.at(axis) - today.centroid.at(axis);
    squares += d * d;
  }
  return {p, t, common / both, std::sqrt(squares)};
}

double CostOf(const LesionMatches::Pair& pair, const MatchOptions& options) {
  if (pair.iou <= 0 && pair.distance_mm > options.gate_mm) return kForbidden;
  return 1 - pair.iou + pair.distance_mm / options.gate_mm;
}

std::vector<LesionMatches::Pair> BestPairs(const std::map<std::uint16_t, Blob>& prior,
                                           const std::map<std::uint16_t, Blob>& today, const MatchOptions& options) {
  std::vector<LesionMatches::Pair> all;
  std::vector<double> costs;
  for (const auto& [p, before] : prior) {
    for (const auto& [t, now] : today) {
      all.push_back(PairOf(p, before, t, now));
      costs.push_back(CostOf(all.back(), options));
    }
  }
  std::vector<LesionMatches::Pair> pairs;
  const std::vector<std::optional<std::size_t>> chosen = Assign(costs, prior.size(), today.size());
  for (std::size_t r = 0; r < chosen.size(); ++r) {
    if (chosen[r]) pairs.push_back(all[r * today.size() + *chosen[r]]);
  }
  return pairs;
}

// The lesion of `others` in whose dilated mask most of `lesion` lies; 0 where in none.
std::uint16_t HolderOf(const Blob& lesion, const std::map<std::uint16_t, Blob>& others, double least_share) {
  std::uint16_t holder = 0;
  double most = least_share;
  for (const auto& [label, other] : others) {
    const double share =
        static_cast<double>(Common(lesion.voxels, other.dilated)) / static_cast<double>(lesion.voxels.size());
    if (share >= most && (holder == 0 || share > most)) {
      holder = label;
      most = share;
    }
  }
  return holder;
}

// `partners` gives for each paired lesion of the one side its partner on the other.
std::vector<LesionMatches::Group> Groups(const std::map<std::uint16_t, Blob>& many,
                                         const std::map<std::uint16_t, Blob>& ones,
                                         const std::map<std::uint16_t, std::uint16_t>& partner_of_one,
                                         std::vector<std::uint16_t>& unmatched, double least_share) {
  std::map<std::uint16_t, std::vector<std::uint16_t>> joined;
  std::erase_if(unmatched, [&](std::uint16_t label) {
    const std::uint16_t holder = HolderOf(many.at(label), ones, least_share);
    if (!partner_of_one.contains(holder)) return false;
    joined[holder].push_back(label);
    return true;
  });
  std::vector<LesionMatches::Group> groups;
  for (auto& [one, labels] : joined) {
    labels.push_back(partner_of_one.at(one));
    std::sort(labels.begin(), labels.end());
    groups.push_back({one, labels});
  }
  return groups;
}

}  // namespace

LesionMatches MatchLesions(const LabelMap& prior_today, const LabelMap& today, const MatchOptions& options) {
  options.Check();
  if (!(prior_today.grid == today.grid)) throw std::invalid_argument("MatchLesions: the masks lie on two grids");
  const std::map<std::uint16_t, Blob> before = BlobsOf(prior_today, options), now = BlobsOf(today, options);
  LesionMatches matches;
  matches.pairs = BestPairs(before, now, options);
  std::map<std::uint16_t, std::uint16_t> today_of, prior_of;
  for (const LesionMatches::Pair& pair : matches.pairs) {
    today_of[pair.prior] = pair.today;
    prior_of[pair.today] = pair.prior;
  }
  for (const auto& [label, blob] : before) {
    if (!today_of.contains(label)) matches.unmatched_prior.push_back(label);
  }
  for (const auto& [label, blob] : now) {
    if (!prior_of.contains(label)) matches.unmatched_today.push_back(label);
  }
  matches.merged = Groups(before, now, prior_of, matches.unmatched_prior, options.merged_share);
  matches.split = Groups(now, before, today_of, matches.unmatched_today, options.merged_share);
  return matches;
}

}  // namespace dinsd
