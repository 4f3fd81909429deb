#pragma once

#include <functional>
#include <vector>

#include "pipeline/report/contour.h"

namespace dinsd {

/// The pixels (x, y) of a `width` x `height` picture for which `is_inside` holds, as closed polygons along pixel edges,
/// in corners as ContourLoop has them. One polygon for all pixels that hang together by their edges; its holes are
/// joined to it by bridges of no width, walked once in each direction (DICOM PS3.3 C.8.8.6.3, keyhole technique), so
/// that filling by the even-odd rule gives the pixels back.
[[nodiscard]] std::vector<ContourLoop> KeyholePolygons(int width, int height,
                                                       const std::function<bool(int x, int y)>& is_inside);

}  // namespace dinsd
