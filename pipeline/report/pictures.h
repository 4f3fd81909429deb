#pragma once

#include <cstddef>
#include <vector>

#include "pipeline/report/html.h"
#include "pipeline/report/png.h"
#include "pipeline/report/slice_view.h"
#include "pipeline/segment/study_result.h"

namespace dinsd {

/// Whether the result holds the volume and the masks that pictures are drawn from.
[[nodiscard]] bool HasPictures(const StudyResult& result);

/// The whole volume as maximum-intensity projection along the slice axis, each lesion's projected contour in its colour
/// with its number and volume beside the picture, what no click reaches in dashed white.
[[nodiscard]] Html ProjectionFigure(const StudyResult& result);

/// The same projection as a picture of its own, in red, green and blue: each lesion's outline in its colour, what no
/// click reaches in white. Without numbers or letters. A pixel is as wide and high as `view`'s times BlockSize.
[[nodiscard]] Picture ProjectionPicture(const StudyResult& result, const SliceView& view);

/// The slices of one lesion, cut out round it.
struct LesionStrip {
  std::size_t lesion = 0;  // index into the result's lesions
  Html pictures;
};

struct LesionStrips {
  std::vector<LesionStrip> strips;  // in the order of the lesions
  std::size_t left_out = 0;         // lesions with something to show that got no pictures, to keep the page small
};

/// At most this many lesions and bytes; lesions with flags come first, then the largest.
struct StripLimits {
  std::size_t lesions = 60;
  std::size_t slices = 7;  // of one lesion
  std::size_t bytes = 5'500'000;
};
[[nodiscard]] LesionStrips DrawLesionStrips(const StudyResult& result, const StripLimits& limits = {});

}  // namespace dinsd
