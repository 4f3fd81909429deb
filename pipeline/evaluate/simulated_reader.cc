#include "pipeline/evaluate/simulated_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <stdexcept>
#include <vector>

#include "gpu/distance_transform.h"
#include "gpu/mask_ops.h"
#include "pipeline/phantom/noise_tile.h"

namespace dinsd {
namespace {

constexpr float kDetailVoxels = 6;

// The reader's map while it is drawn: whose each voxel is, and how near its lesion is.
struct Drawing {
  LabelMap map;
  std::vector<float> nearest_mm;
  Size3 size;
  Vec3 spacing_mm;
};

// Boxes of the lesions, by label.
std::map<std::uint16_t, IndexBox> BoxesOf(const LabelMap& truth) {
  std::map<std::uint16_t, IndexBox> boxes;
  const Size3 size = truth.grid.SizeZyx();
  for (std::size_t at = 0; at < truth.labels.size(); ++at) {
    if (truth.labels[at] == 0) continue;
    const Index3 v = IndexAt(size, at);
    const auto [found, is_new] = boxes.try_emplace(truth.labels[at], IndexBox{v, {v.z + 1, v.y + 1, v.x + 1}});
    IndexBox& box = found->second;
    box.begin = {std::min(box.begin.z, v.z), std::min(box.begin.y, v.y), std::min(box.begin.x, v.x)};
    box.end = {std::max(box.end.z, v.z + 1), std::max(box.end.y, v.y + 1), std::max(box.end.x, v.x + 1)};
  }
  return boxes;
}

IndexBox Grown(const IndexBox& box, double reach_mm, const Drawing& drawing) {
  const auto steps = [&](double spacing) { return static_cast<std::int64_t>(std::ceil(reach_mm / spacing)) + 1; };
  const Index3 by{steps(drawing.spacing_mm.z), steps(drawing.spacing_mm.y), steps(drawing.spacing_mm.x)};
  const Size3& size = drawing.size;
  return {{std::max<std::int64_t>(box.begin.z - by.z, 0), std::max<std::int64_t>(box.begin.y - by.y, 0),
           std::max<std::int64_t>(box.begin.x - by.x, 0)},
          {std::min(box.end.z + by.z, size.z), std::min(box.end.y + by.y, size.y), std::min(box.end.x + by.x, size.x)}};
}

// Distance in mm from each voxel of the box to the border of the mask, below 0 inside.
std::vector<float> SignedDistance(const std::vector<std::uint8_t>& mask, const Size3& size, const Vec3& spacing) {
  std::vector<std::uint8_t> outside(mask.size());
  std::transform(mask.begin(), mask.end(), outside.begin(), [](std::uint8_t v) { return v != 0 ? 0 : 1; });
  std::vector<float> to_mask = DistanceToMask(mask, size, spacing);
  const std::vector<float> to_outside = DistanceToMask(outside, size, spacing);
  const auto half = static_cast<float>(std::min({spacing.z, spacing.y, spacing.x}) / 2);
  for (std::size_t i = 0; i < mask.size(); ++i) to_mask[i] = mask[i] != 0 ? half - to_outside[i] : to_mask[i] - half;
  return to_mask;
}

void Draw(std::uint16_t label, const IndexBox& box, const LabelMap& truth, const ReaderOptions& options,
          Drawing& drawing) {
  const Size3 inner{box.end.z - box.begin.z, box.end.y - box.begin.y, box.end.x - box.begin.x};
  const auto place = [&](std::size_t i) {
    const Index3 v = IndexAt(inner, i);
    return Index3{v.z + box.begin.z, v.y + box.begin.y, v.x + box.begin.x};
  };
  std::vector<std::uint8_t> mask(inner.VoxelCount());
  for (std::size_t i = 0; i < mask.size(); ++i) {
    mask[i] = truth.labels[Offset(drawing.size, place(i))] == label ? 1 : 0;
  }
  const std::vector<float> distance = SignedDistance(mask, inner, drawing.spacing_mm);
  const NoiseTile noise(options.seed, label);
  for (std::size_t i = 0; i < mask.size(); ++i) {
    const Index3 v = place(i);
    const std::size_t at = Offset(drawing.size, v);
    const float strays = noise.At({static_cast<float>(v.x) / kDetailVoxels, static_cast<float>(v.y) / kDetailVoxels,
                                   static_cast<float>(v.z) / kDetailVoxels});
    const bool is_in = distance[i] < options.bias_mm + options.jitter_mm * static_cast<double>(strays);
    if (!is_in || distance[i] >= drawing.nearest_mm[at]) continue;
    drawing.nearest_mm[at] = distance[i];
    drawing.map.labels[at] = label;
  }
}

// The slice of a voxel along the axis with the largest spacing; the last such axis of z, y, x where they are equal.
std::int64_t SliceOf(const Index3& v, const Vec3& spacing) {
  if (spacing.z >= spacing.y && spacing.z >= spacing.x) return v.z;
  return spacing.y >= spacing.x ? v.y : v.x;
}

void LeaveOutEnds(std::uint16_t label, const IndexBox& box, const ReaderOptions& options, Drawing& drawing) {
  std::mt19937_64 engine(options.seed + label * std::uint64_t{0x9E3779B97F4A7C15});
  const auto is_missed = [&] { return static_cast<double>(engine() >> 11U) * 0x1p-53 < options.missed_end_slices; };
  const bool is_first_missed = is_missed(), is_last_missed = is_missed();
  std::map<std::int64_t, std::vector<std::size_t>> slices;
  for (std::int64_t z = box.begin.z; z < box.end.z; ++z) {
    for (std::int64_t y = box.begin.y; y < box.end.y; ++y) {
      for (std::int64_t x = box.begin.x; x < box.end.x; ++x) {
        const std::size_t at = Offset(drawing.size, {z, y, x});
        if (drawing.map.labels[at] == label) slices[SliceOf({z, y, x}, drawing.spacing_mm)].push_back(at);
      }
    }
  }
  const auto leave_out = [&](const std::vector<std::size_t>& voxels) {
    for (const std::size_t at : voxels) drawing.map.labels[at] = 0;
  };
  if (is_first_missed && slices.size() > 1) {
    leave_out(slices.begin()->second);
    slices.erase(slices.begin());
  }
  if (is_last_missed && slices.size() > 1) leave_out(slices.rbegin()->second);
}

}  // namespace

void ReaderOptions::Check() const {
  if (!(jitter_mm >= 0)) throw std::invalid_argument("jitter_mm must not be negative");
  if (!std::isfinite(bias_mm) || !std::isfinite(jitter_mm)) throw std::invalid_argument("bias_mm must be finite");
  if (!(missed_end_slices >= 0 && missed_end_slices <= 1))
    throw std::invalid_argument("missed_end_slices lies between 0 and 1");
}

LabelMap SimulateReader(const LabelMap& truth, const ReaderOptions& options) {
  options.Check();
  const std::array<double, 3>& mm = truth.grid.spacing;
  Drawing drawing{{truth.grid, std::vector<std::uint16_t>(truth.labels.size())},
                  std::vector<float>(truth.labels.size(), std::numeric_limits<float>::infinity()),
                  truth.grid.SizeZyx(),
                  {mm[2], mm[1], mm[0]}};
  const std::map<std::uint16_t, IndexBox> boxes = BoxesOf(truth);
  const double reach = std::abs(options.bias_mm) + options.jitter_mm;
  for (const auto& [label, box] : boxes) Draw(label, Grown(box, reach, drawing), truth, options, drawing);
  for (const auto& [label, box] : boxes) LeaveOutEnds(label, Grown(box, reach, drawing), options, drawing);
  return drawing.map;
}

}  // namespace dinsd
