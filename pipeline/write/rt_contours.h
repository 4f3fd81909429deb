#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/volume.h"
#include "pipeline/write/keyhole.h"

namespace dinsd {

/// A polygon along pixel edges of one slice; corner (x, y) has the continuous index (x - 1/2, y - 1/2).
struct SliceContour {
  std::int64_t slice = 0;
  ContourLoop corners;
};

/// The polygons (KeyholePolygons) of every label above 0, slice by slice.
[[nodiscard]] std::map<std::uint16_t, std::vector<SliceContour>> ContoursOf(const LabelMap& mask);

/// The corners as ContourData: x, y, z in LPS mm, in the plane of the slice where it truly lies.
[[nodiscard]] std::string ContourText(const SliceContour& contour, const SourceSeries& series);

}  // namespace dinsd
