#include <algorithm>
#include <cmath>

#include "pipeline/followup/prior_check.h"
#include "pipeline/followup/working_image.h"

namespace dinsd {
namespace {

constexpr double kCoarseMm = 20;

// Sums over 2 r + 1 neighbours along one axis, of values and of how many there are.
void SumAlong(std::vector<double>& values, const std::array<std::int64_t, 3>& size, std::size_t axis, std::int64_t r) {
  const std::int64_t stride = axis == 0 ? 1 : axis == 1 ? size[0] : size[0] * size[1];
  const std::int64_t n = size[axis];
  std::vector<double> line(static_cast<std::size_t>(n) + 1, 0);
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (static_cast<std::int64_t>(at) / stride % n != 0) continue;
    double* first = values.data() + at;
    for (std::int64_t i = 0; i < n; ++i)
      line[static_cast<std::size_t>(i + 1)] = line[static_cast<std::size_t>(i)] + first[i * stride];
    for (std::int64_t i = 0; i < n; ++i) {
      const auto low = static_cast<std::size_t>(std::max<std::int64_t>(0, i - r));
      const auto high = static_cast<std::size_t>(std::min(n, i + r + 1));
      first[i * stride] = line[high] - line[low];
    }
  }
}

// What is left of an image without its mean over cubes of what is imaged.
std::vector<float> HighPass(const WorkingImage& image) {
  std::vector<double> sum(image.values.begin(), image.values.end()),
      count(image.is_imaged.begin(), image.is_imaged.end());
  for (std::size_t at = 0; at < sum.size(); ++at) {
    if (image.is_imaged[at] == 0) sum[at] = 0;
  }
  const auto r = std::max<std::int64_t>(1, std::llround(kCoarseMm / image.spacing / 2));
  for (std::size_t axis = 0; axis < 3; ++axis) {
    SumAlong(sum, image.size, axis, r);
    SumAlong(count, image.size, axis, r);
  }
  std::vector<float> rest(sum.size(), 0);
  for (std::size_t at = 0; at < rest.size(); ++at) {
    if (image.is_imaged[at] != 0) rest[at] = image.values[at] - static_cast<float>(sum[at] / std::max(count[at], 1.0));
  }
  return rest;
}

}  // namespace

double DetailCorrelation(const Volume& prior, const Volume& today, const Registration& registration,
                         const RegistrationOptions& options) {
  const auto& frame = today.grid.direction;
  const WorkingImage fixed = MakeWorkingImage(today, frame, options.working_mm);
  const WorkingImage warped = Warped(MakeWorkingImage(prior, frame, options.working_mm), fixed, registration.map);
  const std::vector<float> a = HighPass(fixed), b = HighPass(warped);
  double n = 0, sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t at = 0; at < a.size(); ++at) {
    if (fixed.is_body[at] == 0 || warped.is_imaged[at] == 0) continue;
    const double x = a[at], y = b[at];
    ++n;
    sa += x;
    sb += y;
    saa += x * x;
    sbb += y * y;
    sab += x * y;
  }
  if (n < 2) return 0;
  const double spread = (saa - sa * sa / n) * (sbb - sb * sb / n);
  return spread > 0 ? (sab - sa * sb / n) / std::sqrt(spread) : 0;
}

Volume Mirrored(const Volume& volume) {
  Volume mirrored = volume;
  Point3 middle{};
  for (std::size_t d = 0; d < 3; ++d) middle[d] = static_cast<double>(volume.grid.size[d] - 1) / 2;
  const double axis = LpsFromIndex(volume.grid, middle)[0];
  mirrored.grid.origin[0] = 2 * axis - volume.grid.origin[0];
  for (std::size_t column = 0; column < 3; ++column) mirrored.grid.direction[column] *= -1;
  return mirrored;
}

}  // namespace dinsd
