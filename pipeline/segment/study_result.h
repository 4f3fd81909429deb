#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/followed.h"
#include "pipeline/followup/review_record.h"
#include "pipeline/import/imported_mask.h"
#include "pipeline/interval/volume_interval.h"
#include "pipeline/prompt/pairing.h"
#include "pipeline/prompt/resolve.h"
#include "pipeline/read/study.h"
#include "pipeline/read/volume.h"
#include "pipeline/segment/segment_options.h"

namespace dinsd {

/// What was measured of one prompted lesion. Volumes are voxels times the volume of a voxel from centre-to-centre
/// spacing; 1 mL = 1 cm3.
struct LesionResult {
  std::string id;
  std::uint16_t label = 0;  // in the mask; lesion k of the prompts has label k + 1 even when it is empty
  std::int64_t voxels = 0;
  double volume_ml = 0;
  int slices_spanned = 0;  // extent along the slice axis, in slices
  int clicks_positive = 0;
  int clicks_negative = 0;
  bool is_below_measurable = false;
  std::vector<std::size_t> stations;  // of a study in stations: which own a voxel of it, as indices of image.stations
  std::vector<std::string>
      flags;  // touches_border, overlap_zone, shared_component, below_measurable, CLICK_MOVED, empty, ...
  std::vector<std::string> warnings;       // sentences, such as a positive click that lies outside the mask
  std::optional<VolumeSpread> spread;      // of its volume in re-runs; nothing where there were none
  std::optional<VolumeInterval> interval;  // how sure its volume is
  std::string no_interval;                 // why there is none, a clause
};

/// Wall time of one stage.
struct StageTiming {
  std::string stage;
  double seconds = 0;
};

/// Everything that came of one study; what reports, provenance and the queue are made from.
struct StudyResult {
  InspectedStudy study;
  StudyImage image;       // the chosen one
  Volume volume;          // as read
  PairedPrompts prompts;  // as read
  ResolvedPrompts resolved;
  LabelMap mask;                        // label per prompted lesion, on the series grid
  LabelMap unprompted;                  // 1 where the network sees tumour that no click reaches; all 0 if none ran
  std::vector<LabelMap> station_masks;  // of image.stations: what of `mask` each owns, on its own grid; else empty
  std::vector<LesionResult> lesions;
  std::int64_t unprompted_voxels = 0;
  double unprompted_ml = 0;
  int unprompted_components = 0;
  double total_ml = 0;  // of the prompted lesions
  std::string mode;     // "whole", "boxes" or, without a network, "imported"
  std::string mode_reason;
  std::string empty_reason;  // why nothing was found, where the mask is empty
  bool is_out_of_domain = false;
  bool is_preliminary = false;
  std::string no_reruns;  // why it was not run again though the options asked for it, a clause; options.interval.runs
                          // is then 0
  std::vector<std::string> warnings;
  std::optional<FollowUp> follow_up;  // where the clicks were proposed from a prior timepoint
  std::optional<ReviewRecord>
      review;  // where a person reviewed proposed clicks; follow_up is then what they had to see
  std::optional<ImportedMask> imported;  // where the mask was made by others: no network ran, nobody clicked
  // provenance
  std::vector<std::string> object_uids;  // SOPInstanceUID of its DICOM objects, once they are written
  std::string weights_name;
  std::string weights_sha256;
  ModelManifest manifest;
  std::string device;
  SegmentOptions options;
  std::vector<StageTiming> timings;
  double peak_memory_gib = 0;  // of the process, while it worked on this study
};

/// A source series of a result and the mask on its grid.
struct SeriesMask {
  const StudyImage* series = nullptr;
  const LabelMap* mask = nullptr;
  std::string name;  // of the mask's file in the result folder, without ending: "mask", "mask_station_1", ...
};

/// The masks of a result, one for each series that it was made from: objects of DICOM refer to one series each. All
/// together hold each voxel of every lesion once. They point into `result`.
[[nodiscard]] inline std::vector<SeriesMask> SeriesMasksOf(const StudyResult& result) {
  if (result.image.stations.empty()) return {{&result.image, &result.mask, "mask"}};
  std::vector<SeriesMask> masks;
  for (std::size_t s = 0; s < result.image.stations.size(); ++s) {
    masks.push_back({&result.image.stations[s], &result.station_masks.at(s), "mask_station_" + std::to_string(s + 1)});
  }
  return masks;
}

}  // namespace dinsd
