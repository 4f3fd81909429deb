#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/change.h"
#include "pipeline/longitudinal/lesion_track.h"

namespace dinsd {

/// The volume of several lesions together at one timepoint.
struct SummedVolume {
  LesionVolume volume;           // slices_spanned: that of the lesion that spans most
  std::optional<double> log_sd;  // of the sum's logarithm, the errors of the parts taken as independent
  std::string no_interval;       // why log_sd is not known, a clause
  bool is_at_edge = false;       // one of them reaches the end of the image, or is imaged only in part
};

/// Volumes of lesions that grew together or fell apart are only comparable as sums.
class TrackVolumes {
 public:
  TrackVolumes(const std::vector<PatientTimepoint>& timepoints, const std::vector<LesionTrack>& tracks)
      : timepoints_(timepoints), tracks_(tracks) {}

  /// The tracks that must be added up so that timepoint r can be set beside t > r: k and all that it grew together
  /// with or fell apart into after r, up to t. Ascending.
  [[nodiscard]] std::vector<std::size_t> GroupOf(std::size_t k, std::size_t r, std::size_t t) const;

  /// Their volume at timepoint x: a lesion that was not found, is not there yet (nothing was at its place later either,
  /// before it came), or is part of another counts as 0. Nothing where that of one is not known, as where x is known
  /// not to show its place.
  [[nodiscard]] std::optional<SummedVolume> Sum(const std::vector<std::size_t>& group, std::size_t x) const;

 private:
  [[nodiscard]] bool IsKnownAbsent(std::size_t k, std::size_t x) const;

  const std::vector<PatientTimepoint>& timepoints_;
  const std::vector<LesionTrack>& tracks_;
};

}  // namespace dinsd
