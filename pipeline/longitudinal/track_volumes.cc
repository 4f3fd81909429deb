#include "pipeline/longitudinal/track_volumes.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace dinsd {
namespace {

void Add(const MeasuredLesion& lesion, bool is_partly_imaged, SummedVolume& sum, double& squares) {
  const double ml = lesion.lesion.volume_ml;
  if (!(ml > 0)) return;
  sum.volume.ml += ml;
  sum.volume.slices_spanned = std::max(sum.volume.slices_spanned, lesion.lesion.slices_spanned);
  sum.is_at_edge |= is_partly_imaged || lesion.Has("touches_border");
  if (lesion.interval && lesion.interval->change_log_sd) {
    const double sd = ml * *lesion.interval->change_log_sd;
    squares += sd * sd;
  } else {
    sum.no_interval = lesion.no_interval;
  }
}

}  // namespace

std::vector<std::size_t> TrackVolumes::GroupOf(std::size_t k, std::size_t r, std::size_t t) const {
  std::set<std::size_t> group = {k};
  for (bool has_grown = true; has_grown;) {
    const std::size_t before = group.size();
    for (std::size_t other = 0; other < tracks_.size(); ++other) {
      for (std::size_t x = r + 1; x <= t; ++x) {
        const TrackCell& cell = tracks_[other].cells[x];
        const bool has_just_merged = !tracks_[other].cells[x - 1].merged_into;
        for (const std::optional<std::size_t>& partner :
             {has_just_merged ? cell.merged_into : std::nullopt, cell.split_from}) {
          if (!partner || group.contains(other) == group.contains(*partner)) continue;
          group.insert(other);
          group.insert(*partner);
        }
      }
    }
    has_grown = group.size() > before;
  }
  return {group.begin(), group.end()};
}

bool TrackVolumes::IsKnownAbsent(std::size_t k, std::size_t x) const {
  const LesionTrack& track = tracks_[k];
  const TrackCell& cell = track.cells[x];
  if (cell.presence == Presence::kNotFound || cell.presence == Presence::kMerged) return true;
  const TrackCell& first = track.cells[track.first];
  return cell.presence == Presence::kBefore && (first.split_from || (first.is_new && !cell.is_unseen));
}

std::optional<SummedVolume> TrackVolumes::Sum(const std::vector<std::size_t>& group, std::size_t x) const {
  SummedVolume sum;
  double squares = 0;
  for (const std::size_t k : group) {
    const TrackCell& cell = tracks_[k].cells[x];
    if (cell.presence == Presence::kMeasured) {
      Add(timepoints_[x].lesions[cell.lesion], cell.is_partly_imaged, sum, squares);
    } else if (!IsKnownAbsent(k, x)) {
      return std::nullopt;
    }
  }
  if (sum.no_interval.empty() && sum.volume.ml > 0) sum.log_sd = std::sqrt(squares) / sum.volume.ml;
  return sum;
}

}  // namespace dinsd
