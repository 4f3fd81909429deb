#include "pipeline/segment/intensity_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kBulkShare = 0.99;

// The voxel of the largest absolute value, and the share of all voxels that hold the same value.
struct Extreme {
  std::size_t at = 0;
  float value = 0;
  double share = 0;
};

// Of the voxels above 0, as the normalisation takes it; nothing is normalised where there are none.
void CheckSd(const std::vector<float>& voxels, const std::string& file) {
  double sum = 0, squares = 0, count = 0;
  for (const float v : voxels) {
    if (v <= 0) continue;
    sum += v;
    ++count;
  }
  if (count == 0) return;
  for (const float v : voxels) {
    if (v > 0) squares += (v - sum / count) * (v - sum / count);
  }
  const double sd = std::sqrt(squares / count);
  if (sd >= kLeastSd) return;
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), "those above 0 have a standard deviation of %g, less than %g%s", sd, kLeastSd,
                sd > 0 ? ": the published normalisation adds 1e-8 to it, which would change the answer; save the image "
                         "in a smaller unit"
                       : "");
  throw InputError("NO_CONTRAST", file, "voxels", text.data());
}

// On a large offset single precision has room for few values, and what differs is rounded away unseen.
void CheckSteps(float least, float most, const std::string& file) {
  const float largest = std::max(std::abs(least), std::abs(most));
  const double step = std::nextafter(largest, std::numeric_limits<float>::infinity()) - largest;
  const double range = static_cast<double>(most) - static_cast<double>(least);
  if (range >= kFewestSteps * step) return;
  std::array<char, 256> text{};
  std::snprintf(
      text.data(), text.size(),
      "they lie between %.9g and %.9g, where single precision tells only steps of %g apart: subtract the offset",
      static_cast<double>(least), static_cast<double>(most), step);
  throw InputError("NO_CONTRAST", file, "voxels", text.data());
}

void CheckContrast(const std::vector<float>& voxels, const std::string& file) {
  const auto [least, most] = std::minmax_element(voxels.begin(), voxels.end());
  if (*least == *most) throw InputError("NO_CONTRAST", file, "voxels", "all have the same value");
  CheckSteps(*least, *most, file);
  CheckSd(voxels, file);
}

Extreme ExtremeOf(const std::vector<float>& voxels) {
  const auto largest =
      std::max_element(voxels.begin(), voxels.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
  const auto same = static_cast<double>(std::count(voxels.begin(), voxels.end(), *largest));
  return {.at = static_cast<std::size_t>(largest - voxels.begin()),
          .value = *largest,
          .share = same / static_cast<double>(voxels.size())};
}

// 0 where there is nothing but the extreme and zeros.
double BulkOf(const std::vector<float>& voxels, float extreme) {
  std::vector<float> sizes;
  for (const float v : voxels) {
    if (v != 0 && v != extreme) sizes.push_back(std::abs(v));
  }
  if (sizes.empty()) return 0;
  const auto rank = static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size() - 1) * kBulkShare);
  std::nth_element(sizes.begin(), sizes.begin() + rank, sizes.end());
  return static_cast<double>(sizes[static_cast<std::size_t>(rank)]);
}

// Magnitude images have none below 0: an offset was subtracted, or the image was normalised or resampled before.
std::vector<std::string> CheckNegative(const std::vector<float>& voxels, const std::string& file) {
  const auto count = std::count_if(voxels.begin(), voxels.end(), [](float v) { return v < 0; });
  if (count == 0) return {};
  const double share = static_cast<double>(count) / static_cast<double>(voxels.size());
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), "%.2g %% of the voxels are below 0, the least is %g", 100 * share,
                static_cast<double>(*std::min_element(voxels.begin(), voxels.end())));
  const std::string words = text.data();
  if (share > kMostNegativeShare) {
    throw InputError("NEGATIVE_INTENSITY", file, "voxels",
                     words +
                         ": give the image as the scanner stored it, without an offset subtracted, not normalised; "
                         "what resampling brought below 0 may be set to 0");
  }
  return {"NEGATIVE_INTENSITY: " + words + ": the network has seen none"};
}

std::string Words(const Volume& volume, const Extreme& extreme, double bulk, double times) {
  const Index3 v = IndexAt(volume.grid.SizeZyx(), extreme.at);
  std::array<char, 64> share{};
  if (extreme.share > kRepeatedShare) {
    std::snprintf(share.data(), share.size(), " (as %.2g %% of all voxels are)", 100 * extreme.share);
  }
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(),
                "voxel (%lld, %lld, %lld) is %g%s, more than %g times what nearly all others stay below (%g)",
                static_cast<long long>(v.x), static_cast<long long>(v.y), static_cast<long long>(v.z),
                static_cast<double>(extreme.value), share.data(), times, bulk);
  return text.data();
}

}  // namespace

std::vector<std::string> CheckIntensities(const Volume& volume, const std::string& file) {
  if (volume.voxels.empty()) return {};
  CheckContrast(volume.voxels, file);
  const Extreme extreme = ExtremeOf(volume.voxels);
  const bool is_repeated = extreme.share > kRepeatedShare;
  const double warned = is_repeated ? kRepeatedWarned : kOutlierWarned;
  const double refused = is_repeated ? kRepeatedRefused : kOutlierRefused;
  const double bulk = BulkOf(volume.voxels, extreme.value);
  const double times = bulk > 0 ? std::abs(static_cast<double>(extreme.value)) / bulk : 1;
  if (times > refused) {
    throw InputError("INTENSITY_OUTLIER", file, "voxels",
                     Words(volume, extreme, bulk, refused) + ": normalised with it, the image has no contrast left");
  }
  std::vector<std::string> warnings = CheckNegative(volume.voxels, file);
  if (times <= warned) return warnings;
  warnings.push_back("INTENSITY_OUTLIER: " + Words(volume, extreme, bulk, warned) +
                     ": it weakens the contrast of all others, so look at the outlines before a volume is believed");
  return warnings;
}

}  // namespace dinsd
