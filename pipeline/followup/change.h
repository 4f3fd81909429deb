#pragma once

#include <optional>
#include <string>

#include "pipeline/followup/change_options.h"

namespace dinsd {

/// What became of a lesion since a reference timepoint.
enum class ChangeClass {
  kIncrease,         // by the mark or more, and the interval of the change excludes 0
  kDecrease,         // likewise
  kStable,           // by less than the mark
  kUncertain,        // by the mark or more, but the interval holds 0 or there is none
  kNew,              // nothing matches it at the reference, where its place was imaged
  kNotFound,         // its place is imaged, and nothing is segmented there
  kNotImaged,        // its place is not in the field of view
  kBelowMeasurable,  // it spans too few slices: a volume, no verdict
};

/// "increase", "decrease", "stable", "uncertain", "new", "not_found", "not_imaged", "below_measurable".
[[nodiscard]] const char* Word(ChangeClass change);

/// A lesion (or the sum of several that grew together) at one timepoint.
struct LesionVolume {
  double ml = 0;
  int slices_spanned = 0;
};

/// Bounds of a change in percent.
struct PercentInterval {
  double low = 0, high = 0;
};

/// The reference and now, as far as there is something to compare.
struct ChangeInput {
  std::optional<LesionVolume> reference;    // nothing: the lesion was not there, though its place was imaged
  std::optional<LesionVolume> now;          // nothing: its place is not imaged; without a voxel: not found
  std::optional<double> days;               // between them
  std::optional<PercentInterval> interval;  // 95 %, of the change itself: the errors of both timepoints are in it
  std::string no_interval;                  // why there is none, for `reason`
};

struct VolumeChange {
  ChangeClass change = ChangeClass::kStable;
  std::string reason;             // of `uncertain`, `below_measurable`, and of a `stable` that is not sure: a clause
  std::optional<double> ml;       // now - reference
  std::optional<double> percent;  // 100 * (now - reference) / reference; never of an empty reference
  std::optional<double> ml_per_month, percent_per_month;  // a month is 365.25 / 12 days
};

/// The class of a change and its figures. `stable` rests on the volumes alone: where its interval reaches the mark, or
/// is not known, the reason says so. What is not known is left out, never 0. Thread-safe.
[[nodiscard]] VolumeChange ChangeOf(const ChangeInput& input, const ChangeOptions& options);

/// With how many decimals a percent is told: none, or as many as it takes that one short of the mark does not read as
/// the mark, as 19.96 does without them.
[[nodiscard]] int PercentDecimals(double percent, const ChangeOptions& options = {});

}  // namespace dinsd
