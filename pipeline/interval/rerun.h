#pragma once

#include <vector>

#include "model/network_segmenter.h"
#include "pipeline/interval/rerun_time.h"
#include "pipeline/segment/station_study.h"

namespace dinsd {

/// A study that was segmented, as far as its re-runs need it; what it refers to must outlive it.
struct SegmentedStudy {
  const StudyImage& image;
  const StudyVolumes& volumes;
  const StationPrompts& prompts;
  const LabelMap& mask;   // on the common grid
  bool is_boxes = false;  // whether a station of it went through the network in windows
};

/// Runs the study options.interval.runs times more, each time with other clicks (VaryClicks) and with the image moved
/// by a part of a pixel and mirrored, and returns the volumes of its lesions in mL: by lesion, then by run; none for no
/// runs. A function of the seed.
///
/// The mask of a re-run stays where the moved image is, by at most a pixel from the clicks, and is thrown away: only
/// its volumes are taken.
///
/// They go through the network in windows where the study itself did, and also where windows are cut out of one
/// normalised image (GridRule::kSpacing) and are cheaper: the spread round their own mean is what counts, so that it
/// does not matter that windows and whole volume differ by a little. Throws what RunStations and PutStationsOnArray
/// throw, and OutOfTime.
[[nodiscard]] std::vector<std::vector<double>> RerunVolumes(const SegmentedStudy& study, LoadedModel& model,
                                                            const SegmentOptions& options, const OnPass& on_pass,
                                                            RerunTime& time);

}  // namespace dinsd
