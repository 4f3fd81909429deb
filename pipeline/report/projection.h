#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/report/png.h"
#include "pipeline/report/slice_view.h"
#include "pipeline/segment/study_result.h"

namespace dinsd {

/// A region of the projection: its pixels (row * columns + column) in ascending order and the box round them.
struct ProjectedRegion {
  std::vector<std::size_t> pixels;
  ViewBox box;
};

/// A volume and its masks seen along the slice axis.
struct Projection {
  std::vector<float> brightest;           // along the slice axis, one per pixel
  std::vector<ProjectedRegion> by_label;  // [0] is what no click reaches
};

[[nodiscard]] Projection Project(const StudyResult& result, const SliceView& view);

/// The same of an image and a mask on its grid, whose labels are all below `labels`; `unprompted` may be nullptr.
[[nodiscard]] Projection Project(const Volume& volume, const LabelMap& mask, const LabelMap* unprompted,
                                 std::size_t labels, const SliceView& view);

/// Columns and rows that one pixel of the grey picture stands for.
[[nodiscard]] std::int64_t BlockSize(const SliceView& view);

/// The grey picture, made smaller by a whole factor (brightest of each block) where it has more pixels than a page
/// needs.
[[nodiscard]] Picture GreyPicture(const Projection& projection, const SliceView& view);

}  // namespace dinsd
