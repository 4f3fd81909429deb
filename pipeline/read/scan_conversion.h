#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace dinsd {

/// Corners of a closed polygon in continuous pixel indices (i, j); the last is joined to the first.
using PixelPolygon = std::vector<std::array<double, 2>>;

/// How much work FillEvenOdd does, in steps of about a nanosecond.
[[nodiscard]] std::uint64_t FillWork(const std::vector<PixelPolygon>& polygons, std::int64_t columns,
                                     std::int64_t rows);

/// Calls `take(i, j)` for each pixel of the picture whose centre, at whole indices, lies in an odd number of `polygons`
/// (exclusive or), row by row. A centre on an edge belongs to the polygon where the edge is its left or upper one, as
/// exactly as the corners are stored: rounding them is the caller's.
void FillEvenOdd(const std::vector<PixelPolygon>& polygons, std::int64_t columns, std::int64_t rows,
                 const std::function<void(std::int64_t i, std::int64_t j)>& take);

}  // namespace dinsd
