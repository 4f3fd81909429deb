#pragma once

#include <cstddef>
#include <vector>

#include "pipeline/longitudinal/longitudinal.h"
#include "pipeline/longitudinal/study_shelf.h"
#include "pipeline/report/html.h"

namespace dinsd {

/// What the page shows of the images.
struct LongitudinalPictures {
  Html whole_body;  // the latest final timepoint, lesions coloured by their change
  std::vector<std::vector<Html>>
      slices;                // [track][timepoint]: its largest slice with the contour; empty: nothing to show
  std::size_t left_out = 0;  // tracks without pictures, to keep the page small
};

/// At most this many lesions: those that a person must look at first, then the largest.
struct PictureLimits {
  std::size_t lesions = 60;
  std::size_t bytes = 8'000'000;
};

/// Draws them; where images are gone, outlines alone on black. One study is in memory at a time (and the shelf's last).
[[nodiscard]] LongitudinalPictures DrawLongitudinal(const LongitudinalReport& report, StudyShelf& shelf,
                                                    const PictureLimits& limits = {},
                                                    const OnLongitudinalProgress& progress = {});

/// The tracks in the order in which a person should see them: by LongitudinalReport::look_at, then by their largest
/// volume.
[[nodiscard]] std::vector<std::size_t> TracksByNeed(const LongitudinalReport& report);

}  // namespace dinsd
