#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "pipeline/read/volume.h"
#include "pipeline/report/contour.h"
#include "pipeline/report/figure.h"
#include "pipeline/report/png.h"
#include "pipeline/report/slice_view.h"

namespace dinsd {

// A part of a slice as a page shows it: the grey picture, and outlines over it.

/// Columns and rows of voxels that one pixel of a GreyCrop stands for: more than one where the box holds more than a
/// page can show.
[[nodiscard]] std::int64_t CropBlock(const ViewBox& box);

/// Slice z of the volume inside `box`, each block of voxels averaged to one pixel.
[[nodiscard]] Picture GreyCrop(const Volume& volume, const SliceView& view, std::int64_t z, const ViewBox& box,
                               const GreyWindow& window);

/// One grey scale for the slices begin .. end - 1, from what is inside `box`: a dim lesion beside a dim muscle stays
/// visible.
[[nodiscard]] GreyWindow WindowOfCrop(const Volume& volume, const SliceView& view, const ViewBox& box,
                                      std::int64_t begin, std::int64_t end);

/// Outlines, in pixels from the box's corner on, of the labels for which `is_wanted` holds.
[[nodiscard]] std::vector<ContourLoop> OutlineInCrop(const LabelMap& map, const SliceView& view, std::int64_t z,
                                                     const ViewBox& box,
                                                     const std::function<bool(std::uint16_t label)>& is_wanted);

}  // namespace dinsd
