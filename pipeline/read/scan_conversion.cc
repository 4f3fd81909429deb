#include "pipeline/read/scan_conversion.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

// The pixels that the polygons may hold; empty where x1 < x0 or y1 < y0.
struct Frame {
  std::int64_t x0, y0, x1, y1;

  [[nodiscard]] std::uint64_t Pixels() const {
    return x1 < x0 || y1 < y0 ? 0 : static_cast<std::uint64_t>(x1 - x0 + 1) * static_cast<std::uint64_t>(y1 - y0 + 1);
  }
};

Frame FrameOf(const std::vector<PixelPolygon>& polygons, std::int64_t columns, std::int64_t rows) {
  double low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
  for (const PixelPolygon& polygon : polygons) {
    for (const auto& [x, y] : polygon) {
      low_x = std::min(low_x, x);
      low_y = std::min(low_y, y);
      high_x = std::max(high_x, x);
      high_y = std::max(high_y, y);
    }
  }
  if (!(low_x <= high_x)) return {0, 0, -1, -1};
  const auto first = [](double low) { return static_cast<std::int64_t>(std::max(0.0, std::ceil(low))); };
  const auto last = [](double high, std::int64_t count) {
    return static_cast<std::int64_t>(std::min(static_cast<double>(count) - 1, std::floor(high)));
  };
  return {first(low_x), first(low_y), last(high_x, columns), last(high_y, rows)};
}

// Turns over, for each row whose centres the edge crosses, everything from the crossing to the right.
void TurnOver(const std::array<double, 2>& p, const std::array<double, 2>& q, const Frame& frame,
              std::vector<std::uint8_t>& turns) {
  const double low = std::min(p[1], q[1]), high = std::max(p[1], q[1]);
  const auto begin = static_cast<std::int64_t>(std::max(std::ceil(low), static_cast<double>(frame.y0)));
  const auto end = static_cast<std::int64_t>(std::min(std::ceil(high), static_cast<double>(frame.y1 + 1)));
  for (std::int64_t j = begin; j < end; ++j) {
    const double x = p[0] + (q[0] - p[0]) * (static_cast<double>(j) - p[1]) / (q[1] - p[1]);
    const double first = std::clamp(std::ceil(x), static_cast<double>(frame.x0), static_cast<double>(frame.x1 + 1));
    const std::int64_t column = static_cast<std::int64_t>(first) - frame.x0;
    turns[static_cast<std::size_t>((j - frame.y0) * (frame.x1 - frame.x0 + 2) + column)] ^= 1;
  }
}

}  // namespace

std::uint64_t FillWork(const std::vector<PixelPolygon>& polygons, std::int64_t columns, std::int64_t rows) {
  std::uint64_t work = FrameOf(polygons, columns, rows).Pixels();
  for (const PixelPolygon& polygon : polygons) {
    for (std::size_t n = 0; n < polygon.size(); ++n) {
      const double height = std::abs(polygon[(n + 1) % polygon.size()][1] - polygon[n][1]);
      work += 1 + static_cast<std::uint64_t>(std::min(height, static_cast<double>(rows)));
    }
  }
  return work;
}

void FillEvenOdd(const std::vector<PixelPolygon>& polygons, std::int64_t columns, std::int64_t rows,
                 const std::function<void(std::int64_t, std::int64_t)>& take) {
  const Frame frame = FrameOf(polygons, columns, rows);
  if (frame.Pixels() == 0) return;
  const std::int64_t width = frame.x1 - frame.x0 + 2;  // one more for crossings on the right of all
  std::vector<std::uint8_t> turns(static_cast<std::size_t>(width * (frame.y1 - frame.y0 + 1)));
  for (const PixelPolygon& polygon : polygons) {
    for (std::size_t n = 0; n < polygon.size(); ++n)
      TurnOver(polygon[n], polygon[(n + 1) % polygon.size()], frame, turns);
  }
  for (std::int64_t j = frame.y0; j <= frame.y1; ++j) {
    std::uint8_t is_inside = 0;
    for (std::int64_t i = frame.x0; i <= frame.x1; ++i) {
      is_inside ^= turns[static_cast<std::size_t>((j - frame.y0) * width + i - frame.x0)];
      if (is_inside != 0) take(i, j);
    }
  }
}

}  // namespace dinsd
