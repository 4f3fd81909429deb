#include "gpu/connected_components.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace dinsd {
namespace {

// A stretch of mask voxels in one row: [begin, end) along x.
struct Run {
  std::int64_t begin;
  std::int64_t end;
  std::int32_t parent;
};

class RunForest {
 public:
  explicit RunForest(const Size3& size) : size_(size), first_of_row_(static_cast<std::size_t>(size.z * size.y + 1)) {}

  void FindRuns(std::span<const std::uint8_t> mask) {
    for (std::int64_t row = 0; row < size_.z * size_.y; ++row) {
      first_of_row_[static_cast<std::size_t>(row)] = runs_.size();
      const std::uint8_t* voxels = mask.data() + row * size_.x;
      for (std::int64_t x = 0; x < size_.x; ++x) {
        if (voxels[x] == 0) continue;
        const std::int64_t begin = x;
        while (x < size_.x && voxels[x] != 0) ++x;
        runs_.push_back({begin, x, static_cast<std::int32_t>(runs_.size())});
      }
    }
    first_of_row_.back() = runs_.size();
  }

  // Joins the touching runs of two rows; `reach` is 1 where diagonal neighbours along x touch.
  void JoinRows(std::int64_t row, std::int64_t other, std::int64_t reach) {
    std::size_t a = first_of_row_[static_cast<std::size_t>(row)];
    std::size_t b = first_of_row_[static_cast<std::size_t>(other)];
    const std::size_t a_end = first_of_row_[static_cast<std::size_t>(row + 1)];
    const std::size_t b_end = first_of_row_[static_cast<std::size_t>(other + 1)];
    while (a < a_end && b < b_end) {
      if (runs_[a].begin < runs_[b].end + reach && runs_[b].begin < runs_[a].end + reach) Join(a, b);
      if (runs_[a].end < runs_[b].end) {
        ++a;
      } else {
        ++b;
      }
    }
  }

  [[nodiscard]] Components Collect() {
    Components found;
    found.labels.assign(size_.VoxelCount(), 0);
    std::vector<std::int32_t> label_of_root(runs_.size(), 0);
    for (std::int64_t row = 0; row < size_.z * size_.y; ++row) {
      for (std::size_t r = first_of_row_[static_cast<std::size_t>(row)];
           r < first_of_row_[static_cast<std::size_t>(row + 1)]; ++r) {
        std::int32_t& label = label_of_root[Root(r)];
        if (label == 0) {
          found.sizes.push_back(0);
          label = static_cast<std::int32_t>(found.sizes.size());
        }
        found.sizes[static_cast<std::size_t>(label - 1)] += runs_[r].end - runs_[r].begin;
        for (std::int64_t x = runs_[r].begin; x < runs_[r].end; ++x) {
          found.labels[static_cast<std::size_t>(row * size_.x + x)] = label;
        }
      }
    }
    return found;
  }

 private:
  std::size_t Root(std::size_t run) {
    while (runs_[run].parent != static_cast<std::int32_t>(run)) {
      Run& parent = runs_[static_cast<std::size_t>(runs_[run].parent)];
      runs_[run].parent = parent.parent;
      run = static_cast<std::size_t>(runs_[run].parent);
    }
    return run;
  }

  void Join(std::size_t a, std::size_t b) {
    const std::size_t root_a = Root(a);
    const std::size_t root_b = Root(b);
    runs_[std::max(root_a, root_b)].parent = static_cast<std::int32_t>(std::min(root_a, root_b));
  }

  Size3 size_;
  std::vector<std::size_t> first_of_row_;
  std::vector<Run> runs_;
};

}  // namespace

Components LabelComponents(std::span<const std::uint8_t> mask, const Size3& size, Connectivity connectivity) {
  if (mask.size() != size.VoxelCount()) throw std::invalid_argument("components: mask and its size differ");
  RunForest forest(size);
  forest.FindRuns(mask);
  // Rows that come earlier in raster order and touch this one: (dz, dy).
  constexpr std::array<std::array<std::int64_t, 2>, 4> kEarlierRows = {{{0, -1}, {-1, -1}, {-1, 0}, {-1, 1}}};
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      for (const auto& [dz, dy] : kEarlierRows) {
        const std::int64_t steps = std::abs(dz) + std::abs(dy);
        if (z + dz < 0 || y + dy < 0 || y + dy >= size.y) continue;
        if (connectivity == Connectivity::k6 && steps == 2) continue;
        const bool is_diagonal_along_x =
            connectivity == Connectivity::k26 || (connectivity == Connectivity::k18 && steps == 1);
        forest.JoinRows(z * size.y + y, (z + dz) * size.y + y + dy, is_diagonal_along_x ? 1 : 0);
      }
    }
  }
  return forest.Collect();
}

}  // namespace dinsd
