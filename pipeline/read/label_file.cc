#include "pipeline/read/label_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "pipeline/read/input_error.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostLabels = 4096;
constexpr std::size_t kLabelsOfAnyMask = 16;  // so few may lie in whatever pattern
constexpr std::size_t kMaxLabel = std::numeric_limits<std::uint16_t>::max();

[[noreturn]] void RefuseVoxel(const Volume& volume, std::size_t at, const std::string& file) {
  const Index3 v = IndexAt(volume.grid.SizeZyx(), at);
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "voxel (%lld, %lld, %lld) is %g: no whole number from 0 to %zu",
                static_cast<long long>(v.x), static_cast<long long>(v.y), static_cast<long long>(v.z),
                static_cast<double>(volume.voxels[at]), kMaxLabel);
  throw InputError("LABEL_VALUE", file, "", text.data());
}

std::size_t CountLabels(const LabelMap& map) {
  std::vector<bool> is_there(kMaxLabel + 1);
  for (const std::uint16_t label : map.labels) is_there[label] = true;
  return static_cast<std::size_t>(std::count(is_there.begin() + 1, is_there.end(), true));
}

// Voxels that are labelled and have a labelled neighbour along an axis; and those where the two differ.
struct Neighbours {
  std::size_t pairs = 0;
  std::size_t unequal = 0;
};

Neighbours CountNeighbours(const LabelMap& map) {
  const auto [nz, ny, nx] = map.grid.SizeZyx();
  Neighbours count;
  const auto add = [&](std::size_t at, std::int64_t stride) {
    const std::uint16_t one = map.labels[at], other = map.labels[at + static_cast<std::size_t>(stride)];
    if (one == 0 || other == 0) return;
    ++count.pairs;
    if (one != other) ++count.unequal;
  };
  std::size_t at = 0;
  for (std::int64_t z = 0; z < nz; ++z) {
    for (std::int64_t y = 0; y < ny; ++y) {
      for (std::int64_t x = 0; x < nx; ++x, ++at) {
        if (x + 1 < nx) add(at, 1);
        if (y + 1 < ny) add(at, nx);
        if (z + 1 < nz) add(at, nx * ny);
      }
    }
  }
  return count;
}

// An image whose intensities are whole numbers would pass for hundreds of lesions. In a label map neighbours mostly are
// of one lesion; in an image they hardly ever are equal.
void CheckIsMask(const LabelMap& map, const std::string& file) {
  const std::size_t labels = CountLabels(map);
  if (labels > kMostLabels) {
    throw InputError("NOT_A_MASK", file, "",
                     std::to_string(labels) + " different values above 0, " + std::to_string(kMostLabels) +
                         " allowed: an image, not a mask");
  }
  if (labels <= kLabelsOfAnyMask) return;
  const Neighbours neighbours = CountNeighbours(map);
  if (2 * neighbours.unequal <= neighbours.pairs) return;
  throw InputError("NOT_A_MASK", file, "",
                   std::to_string(labels) + " different values above 0, and of " + std::to_string(neighbours.pairs) +
                       " pairs of neighbours " + std::to_string(neighbours.unequal) +
                       " are unequal: an image, not a mask");
}

}  // namespace

LabelMap LabelsOf(const Volume& volume, const std::string& file) {
  LabelMap map{volume.grid, {}};
  map.labels.reserve(volume.voxels.size());
  for (std::size_t at = 0; at < volume.voxels.size(); ++at) {
    const float v = volume.voxels[at];
    const bool is_label = v >= 0 && v <= static_cast<float>(kMaxLabel) && v == static_cast<float>(static_cast<int>(v));
    if (!is_label) RefuseVoxel(volume, at, file);
    map.labels.push_back(static_cast<std::uint16_t>(v));
  }
  CheckIsMask(map, file);
  return map;
}

LabelMap ReadLabelFile(const std::filesystem::path& path, const ReadLimits& limits) {
  return LabelsOf(ReadVolumeFile(path, limits), path.filename().string());
}

}  // namespace dinsd
