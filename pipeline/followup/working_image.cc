#include "pipeline/followup/working_image.h"

#include <algorithm>
#include <cmath>

#include "gpu/connected_components.h"
#include "gpu/distance_transform.h"
#include "model/train/counter_random.h"
#include "pipeline/followup/registration_error.h"

namespace dinsd {
namespace {

constexpr std::size_t kBins = 256;
constexpr double kRimMm = 8;

// The volume with what is needed of it again and again.
class Source {
 public:
  Source(const Volume& volume, const std::array<double, 9>& frame) : volume_(volume) {
    const Point3 zero = IndexFromLps(volume.grid, {0, 0, 0});
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const Point3 tip = IndexFromLps(volume.grid, {frame[axis], frame[3 + axis], frame[6 + axis]});
      for (std::size_t d = 0; d < 3; ++d) step_[axis][d] = tip[d] - zero[d];
    }
    zero_ = zero;
  }

  [[nodiscard]] Point3 IndexOf(const Point3& in_frame) const {
    Point3 index = zero_;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      for (std::size_t d = 0; d < 3; ++d) index[d] += in_frame[axis] * step_[axis][d];
    }
    return index;
  }

  // Voxels that a step of 1 mm along an axis of the frame crosses.
  [[nodiscard]] double Density(std::size_t axis) const {
    double most = 0;
    for (const double d : step_[axis]) most = std::max(most, std::abs(d));
    return most;
  }

  [[nodiscard]] bool Holds(const Point3& index) const {
    for (std::size_t d = 0; d < 3; ++d) {
      if (index[d] < -0.5 || index[d] > static_cast<double>(volume_.grid.size[d]) - 0.5) return false;
    }
    return true;
  }

  [[nodiscard]] float Linear(const Point3& index) const {
    std::array<std::int64_t, 3> low{}, step{};
    std::array<float, 3> t{};
    for (std::size_t d = 0; d < 3; ++d) {
      const double at = std::clamp(index[d], 0.0, static_cast<double>(volume_.grid.size[d] - 1));
      low[d] = std::min(static_cast<std::int64_t>(at), std::max<std::int64_t>(volume_.grid.size[d] - 2, 0));
      step[d] = volume_.grid.size[d] > 1 ? 1 : 0;
      t[d] = static_cast<float>(at - static_cast<double>(low[d]));
    }
    const auto& size = volume_.grid.size;
    const float* v = volume_.voxels.data() + (low[2] * size[1] + low[1]) * size[0] + low[0];
    const std::int64_t x = step[0], y = step[1] * size[0], z = step[2] * size[0] * size[1];
    const auto row = [&](std::int64_t at) { return v[at] + t[0] * (v[at + x] - v[at]); };
    const auto plane = [&](std::int64_t at) { return row(at) + t[1] * (row(at + y) - row(at)); };
    return plane(0) + t[2] * (plane(z) - plane(0));
  }

 private:
  const Volume& volume_;
  Point3 zero_{};
  std::array<Point3, 3> step_{};
};

// Cubes that cover all of the volume's voxel centres.
void LayGrid(const Volume& volume, const std::array<double, 9>& frame, WorkingImage& image) {
  Point3 low{1e30, 1e30, 1e30}, high{-1e30, -1e30, -1e30};
  for (unsigned corner = 0; corner < 8; ++corner) {
    Point3 index{};
    for (std::size_t d = 0; d < 3; ++d)
      index[d] = ((corner >> d) & 1U) != 0 ? static_cast<double>(volume.grid.size[d]) - 0.5 : -0.5;
    const Point3 p = ToFrame(frame, LpsFromIndex(volume.grid, index));
    for (std::size_t d = 0; d < 3; ++d) {
      low[d] = std::min(low[d], p[d]);
      high[d] = std::max(high[d], p[d]);
    }
  }
  for (std::size_t d = 0; d < 3; ++d) {
    image.size[d] = std::max<std::int64_t>(4, static_cast<std::int64_t>(std::ceil((high[d] - low[d]) / image.spacing)));
    image.origin[d] = (low[d] + high[d] - static_cast<double>(image.size[d] - 1) * image.spacing) / 2;
  }
}

// Mean over n[0] x n[1] x n[2] places of a cube that lie in the field of view.
void FillCube(const Source& source, const std::array<int, 3>& n, std::size_t at, WorkingImage& image) {
  const Point3 centre = image.PlaceOf(at);
  if (!source.Holds(source.IndexOf(centre))) return;
  double sum = 0;
  int count = 0;
  for (int c = 0; c < n[2]; ++c) {
    for (int b = 0; b < n[1]; ++b) {
      for (int a = 0; a < n[0]; ++a) {
        const Point3 index = source.IndexOf({centre[0] + ((a + 0.5) / n[0] - 0.5) * image.spacing,
                                             centre[1] + ((b + 0.5) / n[1] - 0.5) * image.spacing,
                                             centre[2] + ((c + 0.5) / n[2] - 0.5) * image.spacing});
        if (!source.Holds(index)) continue;
        sum += source.Linear(index);
        ++count;
      }
    }
  }
  image.is_imaged[at] = 1;
  image.values[at] = count > 0 ? static_cast<float>(sum / count) : 0;
}

// Otsu's threshold (IEEE Trans. SMC 9(1), 1979) of a histogram, as a bin.
std::size_t Otsu(const std::array<double, kBins>& histogram) {
  double total = 0, moment = 0;
  for (std::size_t b = 0; b < kBins; ++b) {
    total += histogram[b];
    moment += static_cast<double>(b) * histogram[b];
  }
  double below = 0, moment_below = 0, best = -1;
  std::size_t threshold = 0;
  for (std::size_t b = 0; b + 1 < kBins; ++b) {
    below += histogram[b];
    moment_below += static_cast<double>(b) * histogram[b];
    if (below <= 0 || below >= total) continue;
    const double difference = moment_below / below - (moment - moment_below) / (total - below);
    const double between = below * (total - below) * difference * difference;
    if (between > best) {
      best = between;
      threshold = b;
    }
  }
  return threshold;
}

float Percentile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

Size3 SizeOf(const WorkingImage& image) {
  return {image.size[2], image.size[1], image.size[0]};
}

// 1 where a voxel is above the threshold, in pieces that are no specks.
std::vector<std::uint8_t> LargePieces(const WorkingImage& image, float threshold) {
  std::vector<std::uint8_t> mask(image.values.size());
  for (std::size_t at = 0; at < mask.size(); ++at) mask[at] = image.values[at] > threshold ? 1 : 0;
  const Components pieces = LabelComponents(mask, SizeOf(image), Connectivity::k6);
  std::int64_t all = 0;
  for (const std::int64_t size : pieces.sizes) all += size;
  for (std::size_t at = 0; at < mask.size(); ++at) {
    const std::int32_t piece = pieces.labels[at];
    mask[at] = piece > 0 && pieces.sizes[static_cast<std::size_t>(piece - 1)] * 50 >= all ? 1 : 0;
  }
  return mask;
}

void FindBody(WorkingImage& image) {
  std::vector<float> seen;
  for (std::size_t at = 0; at < image.values.size(); ++at) {
    image.values[at] = std::isfinite(image.values[at]) ? std::max(image.values[at], 0.0F) : 0;
    if (image.is_imaged[at] != 0) seen.push_back(image.values[at]);
  }
  const float top = Percentile(seen, 0.99);
  if (!(top > 0)) throw RegistrationError("REG_NO_BODY", "the image is empty");
  std::array<double, kBins> histogram{};
  for (const float v : seen)
    ++histogram[std::min<std::size_t>(kBins - 1, static_cast<std::size_t>(v / top * static_cast<float>(kBins)))];
  const float threshold = 0.5F * top * (static_cast<float>(Otsu(histogram)) + 1) / static_cast<float>(kBins);
  const std::vector<std::uint8_t> body = LargePieces(image, threshold);
  const std::vector<float> distance =
      DistanceToMask(body, SizeOf(image), {image.spacing, image.spacing, image.spacing});
  std::vector<float> bright;
  for (std::size_t at = 0; at < body.size(); ++at) {
    image.is_body[at] = image.is_imaged[at] != 0 && distance[at] <= kRimMm ? 1 : 0;
    if (body[at] != 0) bright.push_back(image.values[at]);
  }
  if (bright.size() < 64) throw RegistrationError("REG_NO_BODY", "nothing in the image is brighter than the rest");
  const float white = Percentile(bright, 0.995);
  for (float& v : image.values) v = std::sqrt(std::min(v / white, 1.0F));
}

}  // namespace

Point3 WorkingImage::PlaceOf(std::size_t at) const {
  const auto index = static_cast<std::int64_t>(at);
  const std::int64_t i = index % size[0], j = index / size[0] % size[1], k = index / (size[0] * size[1]);
  return {origin[0] + spacing * static_cast<double>(i), origin[1] + spacing * static_cast<double>(j),
          origin[2] + spacing * static_cast<double>(k)};
}

WorkingImage MakeWorkingImage(const Volume& volume, const std::array<double, 9>& frame, double spacing_mm) {
  WorkingImage image;
  image.spacing = spacing_mm;
  LayGrid(volume, frame, image);
  image.values.assign(image.VoxelCount(), 0);
  image.is_imaged.assign(image.VoxelCount(), 0);
  image.is_body.assign(image.VoxelCount(), 0);
  const Source source(volume, frame);
  std::array<int, 3> n{};
  for (std::size_t axis = 0; axis < 3; ++axis)
    n[axis] = std::clamp(static_cast<int>(std::lround(source.Density(axis) * spacing_mm)), 1, 12);
  for (std::size_t at = 0; at < image.values.size(); ++at) FillCube(source, n, at, image);
  FindBody(image);
  return image;
}

WorkingImage Halved(const WorkingImage& image) {
  WorkingImage half;
  half.spacing = 2 * image.spacing;
  for (std::size_t d = 0; d < 3; ++d) {
    half.size[d] = std::max<std::int64_t>(4, (image.size[d] + 1) / 2);
    half.origin[d] = image.origin[d] + image.spacing / 2;
  }
  half.values.assign(half.VoxelCount(), 0);
  half.is_imaged.assign(half.VoxelCount(), 0);
  half.is_body.assign(half.VoxelCount(), 0);
  std::vector<int> count(half.VoxelCount(), 0);
  std::size_t at = 0;
  for (std::int64_t k = 0; k < image.size[2]; ++k) {
    for (std::int64_t j = 0; j < image.size[1]; ++j) {
      for (std::int64_t i = 0; i < image.size[0]; ++i, ++at) {
        const std::size_t to = half.OffsetOf(i / 2, j / 2, k / 2);
        if (image.is_imaged[at] == 0) continue;
        half.values[to] += image.values[at];
        ++count[to];
        half.is_imaged[to] = 1;
        half.is_body[to] |= image.is_body[at];
      }
    }
  }
  for (std::size_t to = 0; to < count.size(); ++to) {
    if (count[to] > 0) half.values[to] /= static_cast<float>(count[to]);
  }
  return half;
}

bool ValueAt(const WorkingImage& image, const Point3& in_frame, float& value) {
  std::array<std::int64_t, 3> low{};
  std::array<float, 3> t{};
  for (std::size_t d = 0; d < 3; ++d) {
    const double at = (in_frame[d] - image.origin[d]) / image.spacing;
    if (!(at >= 0 && at <= static_cast<double>(image.size[d] - 1))) return false;
    low[d] = std::min(static_cast<std::int64_t>(at), image.size[d] - 2);
    t[d] = static_cast<float>(at - static_cast<double>(low[d]));
  }
  const std::size_t at = image.OffsetOf(low[0], low[1], low[2]);
  const std::size_t nearest =
      image.OffsetOf(low[0] + (t[0] > 0.5F ? 1 : 0), low[1] + (t[1] > 0.5F ? 1 : 0), low[2] + (t[2] > 0.5F ? 1 : 0));
  if (image.is_imaged[nearest] == 0) return false;
  const float* v = image.values.data() + at;
  const std::int64_t y = image.size[0], z = image.size[0] * image.size[1];
  const auto row = [&](std::int64_t o) { return v[o] + t[0] * (v[o + 1] - v[o]); };
  const auto plane = [&](std::int64_t o) { return row(o) + t[1] * (row(o + y) - row(o)); };
  value = plane(0) + t[2] * (plane(z) - plane(0));
  return true;
}

WorkingImage Warped(const WorkingImage& moving, const WorkingImage& fixed, const SpatialMap& map) {
  WorkingImage warped = fixed;
  for (std::size_t at = 0; at < warped.values.size(); ++at) {
    float value = 0;
    warped.is_imaged[at] = ValueAt(moving, map.ToPriorInFrame(fixed.PlaceOf(at)), value) ? 1 : 0;
    warped.values[at] = warped.is_imaged[at] != 0 ? value : 0;
  }
  return warped;
}

std::vector<std::size_t> SampleBody(const WorkingImage& image, std::int64_t count, std::uint64_t seed) {
  std::vector<std::size_t> body;
  for (std::size_t at = 0; at < image.is_body.size(); ++at) {
    if (image.is_body[at] != 0) body.push_back(at);
  }
  if (static_cast<std::int64_t>(body.size()) <= count) return body;
  CounterRandom random(seed, 0x5245474953544552ULL);
  for (std::size_t n = 0; n < static_cast<std::size_t>(count); ++n) {
    const auto other = static_cast<std::size_t>(
        random.Between(static_cast<std::int64_t>(n), static_cast<std::int64_t>(body.size()) - 1));
    std::swap(body[n], body[other]);
  }
  body.resize(static_cast<std::size_t>(count));
  std::sort(body.begin(), body.end());
  return body;
}

Point3 BodyCentre(const WorkingImage& image) {
  Point3 sum{};
  double count = 0;
  for (std::size_t at = 0; at < image.is_body.size(); ++at) {
    if (image.is_body[at] == 0) continue;
    const Point3 p = image.PlaceOf(at);
    for (std::size_t d = 0; d < 3; ++d) sum[d] += p[d];
    ++count;
  }
  for (double& s : sum) s /= std::max(count, 1.0);
  return sum;
}

}  // namespace dinsd
