#include "gpu/skeleton.h"

#include <array>
#include <bit>
#include <optional>
#include <stdexcept>

#include "gpu/mask_ops.h"

namespace dinsd {
namespace {

// The 3x3x3 neighbourhood of a voxel as bits: bit (z*3 + y)*3 + x for z, y, x in 0..2; bit 13 is the voxel itself.
using Neighbourhood = std::uint32_t;
constexpr int kCentre = 13;

constexpr int Bit(int z, int y, int x) {
  return (z * 3 + y) * 3 + x;
}

// For each of the 27 places the places that touch it, itself and the centre left out.
constexpr std::array<Neighbourhood, 27> MakeTouching() {
  std::array<Neighbourhood, 27> touching{};
  for (int a = 0; a < 27; ++a) {
    for (int b = 0; b < 27; ++b) {
      const auto is_near = [](int p, int q) { return p - q <= 1 && q - p <= 1; };
      if (a != b && b != kCentre && is_near(a / 9, b / 9) && is_near(a / 3 % 3, b / 3 % 3) && is_near(a % 3, b % 3)) {
        touching[static_cast<std::size_t>(a)] |= 1U << b;
      }
    }
  }
  return touching;
}
constexpr std::array<Neighbourhood, 27> kTouching = MakeTouching();

// A face, edge or corner of the centre voxel's cube, named by -1, 0, 1 per axis, lies in the neighbours that agree with
// it on its nonzero axes.
constexpr Neighbourhood SharersOf(int dz, int dy, int dx) {
  Neighbourhood sharers = 0;
  for (int z = 0; z <= 2; ++z) {
    for (int y = 0; y <= 2; ++y) {
      for (int x = 0; x <= 2; ++x) {
        const auto is_part = [](int place, int d) { return d == 0 ? place == 1 : place == 1 || place == 1 + d; };
        if (is_part(z, dz) && is_part(y, dy) && is_part(x, dx) && Bit(z, y, x) != kCentre)
          sharers |= 1U << Bit(z, y, x);
      }
    }
  }
  return sharers;
}

struct CubePart {
  Neighbourhood sharers;
  int sign;  // +1 for faces and corners, -1 for edges
};

constexpr std::array<CubePart, 26> MakeCubeParts() {
  std::array<CubePart, 26> parts{};
  std::size_t n = 0;
  for (int z = -1; z <= 1; ++z) {
    for (int y = -1; y <= 1; ++y) {
      for (int x = -1; x <= 1; ++x) {
        const int order = (z != 0) + (y != 0) + (x != 0);
        if (order > 0) parts[n++] = {SharersOf(z, y, x), order == 2 ? -1 : 1};
      }
    }
  }
  return parts;
}
constexpr std::array<CubePart, 26> kCubeParts = MakeCubeParts();

// Removing the voxel leaves the Euler characteristic as it is when what its cube shares with the others has
// characteristic 1 (corners - edges + faces).
bool IsEulerInvariant(Neighbourhood n) {
  int characteristic = 0;
  for (const CubePart& part : kCubeParts) {
    if ((n & part.sharers) != 0) characteristic += part.sign;
  }
  return characteristic == 1;
}

// The neighbours hang together without the voxel.
bool IsSimple(Neighbourhood n) {
  const Neighbourhood others = n & ~(1U << kCentre);
  if (others == 0) return true;
  Neighbourhood reached = others & (~others + 1);
  for (Neighbourhood frontier = reached; frontier != 0;) {
    const int at = std::countr_zero(frontier);
    frontier &= frontier - 1;
    const Neighbourhood fresh = kTouching[static_cast<std::size_t>(at)] & others & ~reached;
    reached |= fresh;
    frontier |= fresh;
  }
  return reached == others;
}

bool IsEndOfLine(Neighbourhood n) {
  return std::popcount(n) == 2;
}

// The mask inside its bounding box with one empty voxel all round.
class ThinningVolume {
 public:
  ThinningVolume(std::span<const std::uint8_t> mask, const Size3& size, const IndexBox& box)
      : size_{box.end.z - box.begin.z + 2, box.end.y - box.begin.y + 2, box.end.x - box.begin.x + 2},
        begin_(box.begin),
        voxels_(size_.VoxelCount()) {
    for (std::size_t at = 0; at < voxels_.size(); ++at) {
      const Index3 v = InMask(IndexAt(size_, at));
      voxels_[at] = Contains(size, v) && mask[Offset(size, v)] != 0 ? 1 : 0;
    }
  }

  void Thin() {
    // Sides in the order of the published implementation: -y, +y, +x, -x, +z, -z.
    constexpr std::array<Index3, 6> kSides = {{{0, -1, 0}, {0, 1, 0}, {0, 0, 1}, {0, 0, -1}, {1, 0, 0}, {-1, 0, 0}}};
    for (bool has_changed = true; has_changed;) {
      has_changed = false;
      for (const Index3& side : kSides) has_changed |= Peel(side);
    }
  }

  void CopyTo(std::vector<std::uint8_t>& out, const Size3& size) const {
    for (std::size_t at = 0; at < voxels_.size(); ++at) {
      if (voxels_[at] != 0) out[Offset(size, InMask(IndexAt(size_, at)))] = 1;
    }
  }

 private:
  [[nodiscard]] Index3 InMask(const Index3& v) const {
    return {v.z + begin_.z - 1, v.y + begin_.y - 1, v.x + begin_.x - 1};
  }

  [[nodiscard]] Neighbourhood At(std::size_t centre) const {
    Neighbourhood n = 0;
    int bit = 0;
    for (std::int64_t z = -1; z <= 1; ++z) {
      for (std::int64_t y = -1; y <= 1; ++y) {
        const std::uint8_t* row = &voxels_[centre] + (z * size_.y + y) * size_.x;
        n |= (row[-1] | row[0] << 1U | row[1] << 2U) << bit;
        bit += 3;
      }
    }
    return n;
  }

  // Removes what may go from one side; each candidate is looked at again, since the ones before it are gone.
  bool Peel(const Index3& side) {
    const std::int64_t outside = (side.z * size_.y + side.y) * size_.x + side.x;
    std::vector<std::size_t> candidates;
    for (std::size_t at = 0; at < voxels_.size(); ++at) {
      if (voxels_[at] == 0 || voxels_[static_cast<std::size_t>(static_cast<std::int64_t>(at) + outside)] != 0) continue;
      const Neighbourhood n = At(at);
      if (!IsEndOfLine(n) && IsEulerInvariant(n) && IsSimple(n)) candidates.push_back(at);
    }
    bool has_changed = false;
    for (const std::size_t at : candidates) {
      if (!IsSimple(At(at))) continue;
      voxels_[at] = 0;
      has_changed = true;
    }
    return has_changed;
  }

  Size3 size_;
  Index3 begin_;
  std::vector<std::uint8_t> voxels_;
};

// Which pixels the two steps take, by the bits of their eight neighbours, clockwise from the upper left one (1, 2, 4,
// ... 128). The published implementations go by a table that differs from Zhang and Suen's conditions in 25 places (it
// takes corners of thin lines, and keeps one pixel of a 2x2 square); these are its entries.
constexpr std::array<std::uint8_t, 16> kFirstStepOnly = {3,   6,   11,  12,  14,  131, 134, 143,
                                                         159, 161, 194, 198, 207, 227, 231, 243};
constexpr std::array<std::uint8_t, 15> kSecondStepOnly = {24,  26,  56,  62,  63,  96,  104, 108,
                                                          126, 176, 192, 224, 248, 249, 252};
constexpr std::array<std::uint8_t, 20> kBothSteps = {7,   10,  15,  28,  30,  31,  40,  60,  112, 120,
                                                     124, 130, 135, 160, 193, 195, 199, 225, 240, 241};

constexpr std::array<std::uint8_t, 256> MakeThinningTable() {
  std::array<std::uint8_t, 256> table{};
  for (const std::uint8_t ring : kFirstStepOnly) table[ring] = 1;
  for (const std::uint8_t ring : kSecondStepOnly) table[ring] = 2;
  for (const std::uint8_t ring : kBothSteps) table[ring] = 3;
  return table;
}

bool MayGo(const std::vector<std::uint8_t>& padded, std::int64_t width, std::int64_t at, std::uint8_t step) {
  static constexpr std::array<std::uint8_t, 256> kTable = MakeThinningTable();
  const std::array<std::int64_t, 8> ring = {-width - 1, -width, -width + 1, 1, width + 1, width, width - 1, -1};
  unsigned bits = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    bits |= static_cast<unsigned>(padded[static_cast<std::size_t>(at + ring[i])]) << i;
  }
  return (kTable[bits] & step) != 0;
}

}  // namespace

std::vector<std::uint8_t> Skeletonize3d(std::span<const std::uint8_t> mask, const Size3& size) {
  if (mask.size() != size.VoxelCount()) throw std::invalid_argument("skeleton: mask and its size differ");
  std::vector<std::uint8_t> skeleton(mask.size());
  const std::optional<IndexBox> box = BoundingBox(mask, size);
  if (!box) return skeleton;
  ThinningVolume volume(mask, size, *box);
  volume.Thin();
  volume.CopyTo(skeleton, size);
  return skeleton;
}

std::vector<std::uint8_t> Skeletonize2d(std::span<const std::uint8_t> mask, std::int64_t rows, std::int64_t columns) {
  if (mask.size() != static_cast<std::size_t>(rows * columns))
    throw std::invalid_argument("skeleton: mask and its size differ");
  const std::int64_t width = columns + 2;
  std::vector<std::uint8_t> padded(static_cast<std::size_t>((rows + 2) * width));
  const auto at = [&](std::int64_t y, std::int64_t x) { return (y + 1) * width + x + 1; };
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      padded[static_cast<std::size_t>(at(y, x))] = mask[static_cast<std::size_t>(y * columns + x)] != 0 ? 1 : 0;
    }
  }
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    for (const std::uint8_t step : {1, 2}) {
      std::vector<std::int64_t> going;
      for (std::int64_t i = width; i < (rows + 1) * width; ++i) {
        if (padded[static_cast<std::size_t>(i)] != 0 && MayGo(padded, width, i, step)) going.push_back(i);
      }
      for (const std::int64_t i : going) padded[static_cast<std::size_t>(i)] = 0;
      has_changed |= !going.empty();
    }
  }
  std::vector<std::uint8_t> skeleton(mask.size());
  for (std::int64_t y = 0; y < rows; ++y) {
    for (std::int64_t x = 0; x < columns; ++x) {
      skeleton[static_cast<std::size_t>(y * columns + x)] = padded[static_cast<std::size_t>(at(y, x))];
    }
  }
  return skeleton;
}

}  // namespace dinsd
