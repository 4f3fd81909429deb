#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dinsd {

/// A closed line along pixel edges; corner (x, y) is the top left corner of pixel (x, y), y downwards. The region lies
/// on the right hand of who walks the line.
using ContourLoop = std::vector<std::array<int, 2>>;

/// The outlines of the pixels (x, y) of a `width` x `height` picture for which `is_inside` holds, holes included.
/// Corners that lie on a straight edge are left out; pixels that touch at a corner only have outlines of their own.
[[nodiscard]] std::vector<ContourLoop> TraceContours(int width, int height,
                                                     const std::function<bool(int x, int y)>& is_inside);

/// The loops as the `d` of an SVG path, in pixels.
[[nodiscard]] std::string ContourPath(const std::vector<ContourLoop>& loops);

}  // namespace dinsd
