#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/longitudinal/patient_history.h"
#include "pipeline/longitudinal/place_comparison.h"

namespace dinsd {

/// What is known of a lesion at one timepoint.
enum class Presence {
  kBefore,       // the patient's history knows it only later
  kMeasured,     // the result has it (it may hold no voxel)
  kNotFound,     // its place is imaged, and no lesion of the result is there
  kNotImaged,    // its place is not in the field of view
  kMerged,       // it grew together with another one, which has its volume from then on
  kNotCompared,  // nobody can say
};

/// A lesion at a timepoint.
struct TrackCell {
  Presence presence = Presence::kBefore;
  std::size_t lesion = 0;                // of kMeasured: an index into the timepoint's lesions
  bool is_new = false;                   // its place was imaged before, and nothing was there
  std::string why;                       // of kNotCompared, and of a first one that is neither new nor split: a clause
  std::vector<std::size_t> merged_from;  // the tracks that grew together with this one at this timepoint
  std::optional<std::size_t> merged_into;  // of kMerged: the track that it is part of
  std::optional<std::size_t> split_from;   // the track that it came off at this timepoint
  std::optional<Point3> place_lps;         // where it should be, mm, where that is known and nothing was found
  bool is_partly_imaged = false;
  bool is_unseen =
      false;  // of kBefore: its place was looked for here, and the image does not show it or was not compared
  std::optional<std::size_t> seen_at;  // the first preliminary timepoint that shows it, where no final one before does
};

/// One lesion over all timepoints.
struct LesionTrack {
  std::string id, uid;  // the earliest ones; the UID is empty where no result says one
  std::size_t first = 0;
  std::vector<TrackCell> cells;  // one a timepoint
};

/// What came up when two timepoints were compared by place.
struct PairFinding {
  std::size_t earlier = 0, later = 0;
  bool is_compared = true;
  std::string sentence;
};

struct LesionTracks {
  std::vector<LesionTrack> tracks;  // by their first timepoint, then as the result has them
  std::vector<PairFinding> findings;
};

/// Follows each lesion of a history through its timepoints. Lesions of equal tracking UID are the same one, as are
/// those that a study without clicks was followed by; all others are looked for by place (`compare`): first among the
/// lesions of the last final timepoint before, then in earlier ones, so that a lesion that was not imaged once is found
/// again. A lesion is new only where its place was imaged before and everything earlier could be compared, and its
/// result does not say that it follows one of an earlier revision of its prior. What grew together with another and
/// shows again at its old place came off it. Preliminary timepoints are compared with final ones and are no reference;
/// but what one of them showed first, and no final one, is known again in later timepoints
/// (`seen_at`).
[[nodiscard]] LesionTracks FollowLesions(const std::vector<PatientTimepoint>& timepoints, const PlaceComparer& compare);

}  // namespace dinsd
