#include "pipeline/followup/start_search.h"

#include <algorithm>
#include <cmath>

#include "pipeline/followup/registration_error.h"

namespace dinsd {
namespace {

constexpr double kAcrossMm = 80;
constexpr double kApartMm = 40;
constexpr double kLeastShare = 1.0 / 3;
constexpr std::int64_t kSamples = 2000;

using Index = std::array<std::int64_t, 3>;

struct Sample {
  Index at{};
  float value = 0;
};

Index IndexOf(const WorkingImage& image, std::size_t at) {
  const auto n = static_cast<std::int64_t>(at);
  return {n % image.size[0], n / image.size[0] % image.size[1], n / (image.size[0] * image.size[1])};
}

// Correlation of the samples and of the voxels of `prior` that lie `shift` from them, times the root of their share.
double Score(const std::vector<Sample>& samples, const WorkingImage& prior, const Index& shift) {
  double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
  for (const Sample& sample : samples) {
    const std::int64_t i = sample.at[0] + shift[0], j = sample.at[1] + shift[1], k = sample.at[2] + shift[2];
    if (i < 0 || j < 0 || k < 0 || i >= prior.size[0] || j >= prior.size[1] || k >= prior.size[2]) continue;
    const std::size_t at = prior.OffsetOf(i, j, k);
    if (prior.is_imaged[at] == 0) continue;
    const double x = sample.value, y = prior.values[at];
    ++n;
    a += x;
    b += y;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  const double share = n / static_cast<double>(samples.size());
  if (share < kLeastShare) return -1;
  const double spread = (aa - a * a / n) * (bb - b * b / n);
  return spread > 0 ? std::sqrt(share) * (ab - a * b / n) / std::sqrt(spread) : -1;
}

// The axis of a frame that runs along the patient, from head to feet or back.
std::size_t AlongPatient(const std::array<double, 9>& frame) {
  const auto longest =
      std::max_element(frame.begin() + 6, frame.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  return static_cast<std::size_t>(longest - frame.begin()) - 6;
}

// How far to look along each axis, in voxels.
struct Range {
  Index low{}, high{};
};

Range RangeOf(const WorkingImage& today, const WorkingImage& prior, const std::array<double, 9>& frame,
              const std::optional<StartHint>& hint) {
  const Point3 middle = BodyCentre(today), other = BodyCentre(prior);
  const std::size_t along = AlongPatient(frame);
  Range range;
  for (std::size_t d = 0; d < 3; ++d) {
    double shift = other[d] - middle[d], reach = kAcrossMm;
    if (hint) shift = ToFrame(frame, hint->shift_lps)[d];
    if (d == along) reach = hint ? hint->reach_mm : static_cast<double>(today.size[d] + prior.size[d]) * prior.spacing;
    const double centre = (shift - prior.origin[d] + today.origin[d]) / prior.spacing;
    range.low[d] = std::lround(centre - reach / prior.spacing);
    range.high[d] = std::lround(centre + reach / prior.spacing);
  }
  return range;
}

double Distance(const Point3& a, const Point3& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

}  // namespace

std::vector<Start> FindStarts(const WorkingImage& today, const WorkingImage& prior, int most,
                              const std::array<double, 9>& frame, const std::optional<StartHint>& hint) {
  std::vector<Sample> samples;
  for (const std::size_t at : SampleBody(today, kSamples, 0)) samples.push_back({IndexOf(today, at), today.values[at]});
  std::vector<Start> all;
  const Range range = RangeOf(today, prior, frame, hint);
  for (std::int64_t k = range.low[2]; k <= range.high[2]; ++k) {
    for (std::int64_t j = range.low[1]; j <= range.high[1]; ++j) {
      for (std::int64_t i = range.low[0]; i <= range.high[0]; ++i) {
        const double score = Score(samples, prior, {i, j, k});
        if (score <= 0) continue;
        const Point3 in_voxels = {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)};
        Start start{{}, score};
        for (std::size_t d = 0; d < 3; ++d)
          start.shift[d] = prior.origin[d] - today.origin[d] + in_voxels[d] * prior.spacing;
        all.push_back(start);
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Start& a, const Start& b) { return a.score > b.score; });
  std::vector<Start> starts;
  for (const Start& start : all) {
    if (static_cast<int>(starts.size()) == most) break;
    const bool is_apart = std::all_of(starts.begin(), starts.end(), [&](const Start& taken) {
      return Distance(taken.shift, start.shift) >= kApartMm;
    });
    if (is_apart) starts.push_back(start);
  }
  if (starts.empty()) throw RegistrationError("REG_NO_OVERLAP", "at no place do the two images look alike");
  return starts;
}

}  // namespace dinsd
