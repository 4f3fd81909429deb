#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/followup/match_lesions.h"
#include "pipeline/followup/spatial_map.h"

namespace dinsd {

/// Two timepoints of a history (earlier < later) and those of their lesions, by label, of which nobody knows yet
/// whether they are the same.
struct PlaceQuestion {
  std::size_t earlier = 0, later = 0;
  std::set<std::uint16_t> open_earlier, open_later;
  std::vector<std::pair<std::uint16_t, std::uint16_t>> known;  // the same lesion for certain: labels then and later
};

/// What their places say.
struct PlaceAnswer {
  std::string not_compared;  // why nothing can be said, a clause; then the rest is empty
  LesionMatches matches;     // of the open ones; the `one` of a group, and one of its `many`, may be known ones
  std::set<std::uint16_t> not_imaged, partly_imaged;  // of the open earlier lesions, in the later image
  std::map<std::uint16_t, Point3> place_later;        // LPS mm, of the open earlier lesions in the later image
  std::set<std::uint16_t> was_imaged;                 // of the open later lesions, in the earlier image
  std::vector<std::string> findings;                  // what speaks against the comparison, sentences
};

using PlaceComparer = std::function<PlaceAnswer(const PlaceQuestion& question)>;

/// Matches lesions of the earlier mask, brought over to the later grid, with those of the later mask on it: open ones
/// with open ones by MatchLesions; of what is left over, what grew together with a known one or came off it. Lesions
/// that are neither open nor known play no part. Thread-safe.
[[nodiscard]] LesionMatches MatchOpenLesions(const LabelMap& earlier, const LabelMap& later,
                                             const PlaceQuestion& question, const MatchOptions& options);

}  // namespace dinsd
