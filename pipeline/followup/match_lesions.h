#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/followup/match_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Which lesions of the prior are which of today's. A lesion is in one list once.
struct LesionMatches {
  struct Pair {
    std::uint16_t prior = 0, today = 0;  // labels
    double iou = 0;                      // of the dilated masks
    double distance_mm = 0;              // between centroids
  };
  /// A lesion that grew together with others, or fell apart.
  struct Group {
    std::uint16_t one = 0;            // today's lesion of a merger, the prior's of a split
    std::vector<std::uint16_t> many;  // two or more, ascending, with the one that `one` is paired with
  };
  std::vector<Pair> pairs;                     // by the prior's label
  std::vector<Group> merged, split;            // by `one`
  std::vector<std::uint16_t> unmatched_prior;  // ascending; without those of `merged`
  std::vector<std::uint16_t> unmatched_today;  // ascending; without those of `split`
};

/// Matches the lesions of the prior's mask, brought over to today's grid, with those of today's mask on the same grid.
/// A pair costs 1 - IoU of the dilated masks + distance of the centroids / gate_mm; the assignment of least cost is
/// taken (see Assign) among pairs within the gate or whose dilated masks overlap. What is left over joins a pair where
/// most of it (merged_share) lies in the dilated mask of the other side's lesion: merged, split. Throws
/// std::invalid_argument where the grids differ. Thread-safe.
[[nodiscard]] LesionMatches MatchLesions(const LabelMap& prior_today, const LabelMap& today,
                                         const MatchOptions& options);

}  // namespace dinsd
