#include "pipeline/report/contour.h"

namespace dinsd {
namespace {

// East, south, west, north: a turn to the right adds one.
constexpr std::array<std::array<int, 2>, 4> kStep = {{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}};
// The pixel ahead of a corner, on the right and on the left hand, relative to the corner.
constexpr std::array<std::array<int, 2>, 4> kAheadRight = {{{0, 0}, {-1, 0}, {-1, -1}, {0, -1}}};
constexpr std::array<std::array<int, 2>, 4> kAheadLeft = {{{0, -1}, {0, 0}, {-1, 0}, {-1, -1}}};

class Tracer {
 public:
  Tracer(int width, int height, const std::function<bool(int, int)>& is_inside)
      : width_(width), height_(height), inside_(static_cast<std::size_t>(width) * height), seen_(inside_.size()) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) inside_[At(x, y)] = is_inside(x, y);
    }
  }

  std::vector<ContourLoop> All() {
    std::vector<ContourLoop> loops;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        if (Inside(x, y) && !Inside(x, y - 1) && !seen_[At(x, y)]) loops.push_back(Follow(x, y));
      }
    }
    return loops;
  }

 private:
  [[nodiscard]] std::size_t At(int x, int y) const { return static_cast<std::size_t>(y) * width_ + x; }
  [[nodiscard]] bool Inside(int x, int y) const {
    return x >= 0 && y >= 0 && x < width_ && y < height_ && inside_[At(x, y)];
  }

  // Every loop holds an upper edge of a pixel, so the upper edges that were walked tell which loops are known.
  ContourLoop Follow(int start_x, int start_y) {
    ContourLoop loop;
    int x = start_x, y = start_y;
    std::size_t heading = 0;
    do {
      if (heading == 0) seen_[At(x, y)] = true;
      x += kStep[heading][0];
      y += kStep[heading][1];
      const std::size_t before = heading;
      if (!Inside(x + kAheadRight[heading][0], y + kAheadRight[heading][1])) {
        heading = (heading + 1) % 4;
      } else if (Inside(x + kAheadLeft[heading][0], y + kAheadLeft[heading][1])) {
        heading = (heading + 3) % 4;
      }
      if (heading != before) loop.push_back({x, y});
    } while (x != start_x || y != start_y || heading != 0);
    return loop;
  }

  int width_, height_;
  std::vector<bool> inside_;
  std::vector<bool> seen_;
};

}  // namespace

std::vector<ContourLoop> TraceContours(int width, int height, const std::function<bool(int, int)>& is_inside) {
  return Tracer(width, height, is_inside).All();
}

std::string ContourPath(const std::vector<ContourLoop>& loops) {
  std::string path;
  for (const ContourLoop& loop : loops) {
    path += 'M' + std::to_string(loop[0][0]) + ' ' + std::to_string(loop[0][1]);
    for (std::size_t i = 1; i < loop.size(); ++i) {
      const bool is_along_row = loop[i][1] == loop[i - 1][1];
      path += is_along_row ? 'h' + std::to_string(loop[i][0] - loop[i - 1][0])
                           : 'v' + std::to_string(loop[i][1] - loop[i - 1][1]);
    }
    path += 'z';
  }
  return path;
}

}  // namespace dinsd
