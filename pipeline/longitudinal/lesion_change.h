#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/change.h"
#include "pipeline/longitudinal/lesion_track.h"

namespace dinsd {

/// A lesion now beside itself at a reference timepoint; where it grew together with others or fell apart in between,
/// the sum of all of them then and now.
struct ReferenceChange {
  std::size_t reference = 0;  // timepoint
  double reference_ml = 0, now_ml = 0;
  bool is_sum = false;
  std::optional<double> days;
  VolumeChange change;
  std::optional<PercentInterval> interval;  // 95 %, of the change
  std::string mismatch;                     // what differs between the methods of both; empty where nothing does
  bool has_shrunk_below = false;            // it was measurable at the reference, and spans too few slices now
};

/// What a cell of a track says about change.
struct CellVerdict {
  std::optional<ChangeClass> change;  // against the prior timepoint; nothing where there is none, or nothing to compare
  std::string reason;                 // of `uncertain`, `below_measurable`, of a `stable` one that is not sure, of a
                                      // `new` one that a preliminary result shows already, and of no class: a clause
  std::optional<ReferenceChange> prior, baseline, nadir;
  bool is_reappeared = false;  // measured, and not found at the timepoint before
  std::string confirmed_on;    // the date of the scan by which a decrease was a confirmed response; empty: none so far
  std::vector<std::string> flags;  // those of the result but for volume_ratio and model_mismatch, which spoke of its
                                   // own prior; and merged, split, reappeared, partly_imaged, volume_ratio,
                                   // model_mismatch, laterality_differs as this report's comparison has them
};

struct ChangeRules {
  ChangeOptions change;
  std::string baseline_date;     // YYYY-MM-DD: no timepoint before it is a baseline; empty: the first one is
  int confirming_months = 3;     // between two scans of a response, at least
  double most_volume_ratio = 3;  // either way, beyond which a person must look
};

/// Throws InputError NO_BASELINE where a baseline is named (YYYY-MM-DD) and no final timepoint is on or after its date:
/// nothing would have a baseline, and the report would not say so.
void CheckBaseline(const std::vector<PatientTimepoint>& timepoints, const std::string& baseline_date);

/// Judges every cell of every track, [track][timepoint], by ChangeOf. The references are final timepoints: prior, the
/// last one before; baseline, the first one at which the lesion was measured; nadir, that of its smallest volume above
/// 0 since then. Baseline and nadir are volumes of one group of lesions, of all that grew together or fell apart since
/// the baseline: a part is no reference of the whole. Between two methods, with an unverified click, or where a lesion
/// reaches the end of an image, a change has no interval and so is never called real.
[[nodiscard]] std::vector<std::vector<CellVerdict>> JudgeTracks(const std::vector<PatientTimepoint>& timepoints,
                                                                const std::vector<LesionTrack>& tracks,
                                                                const ChangeRules& rules = {});

}  // namespace dinsd
