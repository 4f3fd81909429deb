#include "pipeline/segment/intensity_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kBulkShare = 0.99;

void CheckContrast(const Volume& volume, const std::string& file) {
  const auto [least, most] = std::minmax_element(volume.voxels.begin(), volume.voxels.end());
  if (*least == *most) throw InputError("NO_CONTRAST", file, "voxels", "all have the same value");
}

double BulkOf(const std::vector<float>& voxels) {
  std::vector<float> sizes;
  for (const float v : voxels) {
    if (v != 0) sizes.push_back(std::abs(v));
  }
  const auto rank = static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size() - 1) * kBulkShare);
  std::nth_element(sizes.begin(), sizes.begin() + rank, sizes.end());
  return static_cast<double>(sizes[static_cast<std::size_t>(rank)]);
}

std::string Words(const Volume& volume, std::size_t at, double bulk, double times) {
  const Index3 v = IndexAt(volume.grid.SizeZyx(), at);
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(),
                "voxel (%lld, %lld, %lld) is %g, more than %g times what nearly all others stay below (%g)",
                static_cast<long long>(v.x), static_cast<long long>(v.y), static_cast<long long>(v.z),
                static_cast<double>(volume.voxels[at]), times, bulk);
  return text.data();
}

}  // namespace

std::vector<std::string> CheckIntensities(const Volume& volume, const std::string& file) {
  if (volume.voxels.empty()) return {};
  CheckContrast(volume, file);
  const auto largest = std::max_element(volume.voxels.begin(), volume.voxels.end(),
                                        [](float a, float b) { return std::abs(a) < std::abs(b); });
  const auto at = static_cast<std::size_t>(largest - volume.voxels.begin());
  const double bulk = BulkOf(volume.voxels);
  const double times = std::abs(static_cast<double>(*largest)) / bulk;
  if (times > kOutlierRefused) {
    throw InputError("INTENSITY_OUTLIER", file, "voxels",
                     Words(volume, at, bulk, kOutlierRefused) + ": normalised with it, the image has no contrast left");
  }
  if (times <= kOutlierWarned) return {};
  return {"INTENSITY_OUTLIER: " + Words(volume, at, bulk, kOutlierWarned) +
          ": it weakens the contrast of all others, so look at the outlines before a volume is believed"};
}

}  // namespace dinsd
