#include "pipeline/baseline/click_window.h"

#include <algorithm>
#include <cmath>

namespace dinsd {
namespace {

std::int64_t VoxelsOf(double mm, double spacing_mm) {
  return std::max<std::int64_t>(1, std::llround(mm / spacing_mm));
}

}  // namespace

IndexBox WindowAround(const Index3& click, const Size3& size, const Vec3& spacing_mm, const WindowOptions& options) {
  const Index3 far{VoxelsOf(options.half_mm, spacing_mm.z), VoxelsOf(options.half_mm, spacing_mm.y),
                   VoxelsOf(options.half_mm, spacing_mm.x)};
  return {{std::max<std::int64_t>(0, click.z - far.z), std::max<std::int64_t>(0, click.y - far.y),
           std::max<std::int64_t>(0, click.x - far.x)},
          {std::min(size.z, click.z + far.z + 1), std::min(size.y, click.y + far.y + 1),
           std::min(size.x, click.x + far.x + 1)}};
}

bool IsWellInside(const IndexBox& window, const Index3& click, const Size3& size, const Vec3& spacing_mm,
                  const WindowOptions& options) {
  const auto is_inside = [&](std::int64_t begin, std::int64_t end, std::int64_t at, std::int64_t length, double mm) {
    const std::int64_t margin = VoxelsOf(options.margin_mm, mm);
    return at >= begin && at < end && (begin == 0 || at >= begin + margin) && (end == length || at < end - margin);
  };
  return is_inside(window.begin.z, window.end.z, click.z, size.z, spacing_mm.z) &&
         is_inside(window.begin.y, window.end.y, click.y, size.y, spacing_mm.y) &&
         is_inside(window.begin.x, window.end.x, click.x, size.x, spacing_mm.x);
}

}  // namespace dinsd
