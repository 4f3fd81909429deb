#pragma once

#include <cstdint>
#include <string>

#include "pipeline/segment/study_result.h"

namespace dinsd {

/// A segment of the segmentation of the prior's station 1 or 2.
inline ObjectPart SegmentOfPrior(int station, std::int64_t number) {
  const std::string uid = "1.2.840.77.5." + std::to_string(station);
  return {"1.2.840.77", "1.2.840.77.5", "1.2.840.10008.5.1.4.1.1.66.4", uid, number};
}

/// A region of the prior's structure set.
inline ObjectPart RegionOfPrior(std::int64_t number) {
  return {"1.2.840.77", "1.2.840.77.6", "1.2.840.10008.5.1.4.1.1.481.3", "1.2.840.77.6.1", number};
}

/// Makes a made-up result (MadeResult, MadeStations) one that was followed from a study of 2025-03-04. The first lesion
/// was two thirds as large then, and how sure both volumes are is known; the second too, but it is not, and its clicks
/// name the prior's object; the third was not there; all others were as large, those without a voxel today 2 mL. Two of
/// the prior have no lesion today: "gone", whose place is imaged, and "outside", whose place is not. The prior's
/// objects are known of the first lesion (segments of two stations), of "gone" (a segment) and of "outside" (a region).
inline void AddFollowUp(StudyResult& result) {
  result.options.measurable_slices = 1;
  FollowUp& prior = result.follow_up.emplace();
  prior.study_date = "2025-03-04";
  prior.job = 12;
  prior.revision = 2;
  prior.result_sha256 = std::string(64, 'e');
  prior.weights_sha256 = result.weights_sha256;
  prior.prior_mask = {result.volume.grid, std::vector<std::uint16_t>(result.mask.labels.size())};
  for (std::size_t n = 0; n < result.lesions.size(); ++n) {
    if (n == 2) continue;
    LesionResult& lesion = result.lesions[n];
    FollowedLesion followed;
    followed.prior.id = lesion.id;
    followed.prior.label = lesion.label;
    followed.prior.slices_spanned = 5;
    followed.prior.volume_ml = n < 2 ? lesion.volume_ml / 1.5 : lesion.volume_ml;
    if (lesion.voxels == 0) followed.prior.volume_ml = 2;
    if (n != 1 && lesion.voxels > 0) {
      followed.prior.change_log_sd = 0.05;
      lesion.interval = VolumeInterval{
          .low_ml = 0.9 * lesion.volume_ml, .high_ml = 1.2 * lesion.volume_ml, .runs = 6, .change_log_sd = 0.05};
    }
    if (n == 0) followed.prior.objects = {SegmentOfPrior(1, 4), SegmentOfPrior(2, 1)};
    prior.lesions.push_back(followed);
  }
  if (result.lesions.size() > 1)
    result.prompts.prompts.lesions[1].prior = PromptPrior{.sop_instance_uid = "1.2.840.77.1", .segment_number = 3};
  for (const bool is_imaged : {true, false}) {
    FollowedLesion followed;
    followed.prior.id = is_imaged ? "gone" : "outside";
    followed.prior.tracking_uid = is_imaged ? "1.2.840.98.1" : "1.2.840.98.2";
    followed.prior.type = "plexiform";
    followed.prior.laterality = "L";
    followed.prior.site = PromptCode{"51185008", "SCT", "Thorax"};
    followed.prior.volume_ml = 3.25;
    followed.prior.slices_spanned = 4;
    followed.is_imaged = is_imaged;
    followed.prior.objects = {is_imaged ? SegmentOfPrior(1, 7) : RegionOfPrior(8)};
    if (!is_imaged) followed.flags = {"not_imaged"};
    prior.lesions.push_back(followed);
  }
}

}  // namespace dinsd
