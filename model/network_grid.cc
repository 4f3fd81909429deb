#include "model/network_grid.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "gpu/guide_map.h"

namespace dinsd {
namespace {

constexpr std::int64_t kInPlaneStep = 16;

// A spacing of 2.4999999999999996 mm is 2.5 mm: what lies a millionth beside the middle of two multiples lies on it.
std::int64_t NearestMultiple(double length) {
  constexpr double kFine = 1e6;
  const double exact = std::round(length / static_cast<double>(kInPlaneStep) * kFine) / kFine;
  const auto steps = static_cast<std::int64_t>(std::nearbyint(exact));
  return std::max<std::int64_t>(1, steps) * kInPlaneStep;
}

// Where voxel k of an axis of `in` voxels lies on one of `out` voxels with the same corners.
double Scaled(std::int64_t k, std::int64_t in, std::int64_t out) {
  return in == 1 ? 0 : static_cast<double>(k) * static_cast<double>(out - 1) / static_cast<double>(in - 1);
}

double ScaledSigma(double sigma_in_image, std::int64_t in, std::int64_t out) {
  const double scale = in == 1 ? 1 : static_cast<double>(out - 1) / static_cast<double>(in - 1);
  return std::max(0.1, sigma_in_image * scale);
}

}  // namespace

NetworkGrid::NetworkGrid(const Size3& image, std::int64_t rows, std::int64_t columns, EdgeRule edge)
    : image_(image), padded_{image.z + image.z % 2, image.y, image.x}, network_{padded_.z, rows, columns}, edge_(edge) {
  if (image.z < 1 || image.y < 1 || image.x < 1) throw std::invalid_argument("network grid: empty image");
  if (rows < kInPlaneStep || rows % kInPlaneStep != 0 || columns < kInPlaneStep || columns % kInPlaneStep != 0) {
    throw std::invalid_argument("network grid: rows and columns must be multiples of 16");
  }
}

NetworkGrid NetworkGrid::For(const ModelManifest& manifest, const Size3& image, const Vec3& spacing_mm) {
  if (manifest.grid_rule == GridRule::kFixedSize) {
    return {image, manifest.fixed_rows, manifest.fixed_columns, EdgeRule::kReference};
  }
  const auto length = [&](std::int64_t n, double spacing) {
    return static_cast<double>(n) * spacing / manifest.spacing_mm;
  };
  return {image, NearestMultiple(length(image.y, spacing_mm.y)), NearestMultiple(length(image.x, spacing_mm.x)),
          EdgeRule::kClamp};
}

std::vector<float> NetworkGrid::Image(std::span<const float> image, Normalisation normalisation) const {
  std::vector<float> resampled = ResampleLinear(image, image_, {image_.z, network_.y, network_.x}, edge_);
  resampled.resize(network_.VoxelCount(), 0.0F);
  Normalise(resampled, normalisation);
  return resampled;
}

Vec3 NetworkGrid::OnNetwork(const Index3& v) const {
  return {static_cast<double>(v.z), Scaled(v.y, image_.y, network_.y), Scaled(v.x, image_.x, network_.x)};
}

Vec3 NetworkGrid::VoxelMm(const Vec3& spacing_mm) const {
  const auto scaled = [](double mm, std::int64_t image, std::int64_t network) {
    return mm * static_cast<double>(image) / static_cast<double>(network);
  };
  return {spacing_mm.z, scaled(spacing_mm.y, image_.y, network_.y), scaled(spacing_mm.x, image_.x, network_.x)};
}

Vec3 NetworkGrid::SigmaOnNetwork(const GuideSpread& spread, const Vec3& spacing_mm) const {
  if (spread.unit == SigmaUnit::kNetworkVoxel) return spread.sigma;
  const Vec3 voxel = spread.unit == SigmaUnit::kMm ? spacing_mm : Vec3{1, 1, 1};
  return {ScaledSigma(spread.sigma.z / voxel.z, 1, 1), ScaledSigma(spread.sigma.y / voxel.y, image_.y, network_.y),
          ScaledSigma(spread.sigma.x / voxel.x, image_.x, network_.x)};
}

std::vector<float> NetworkGrid::ExponentialGuide(std::span<const Index3> clicks, const GuideSpread& spread,
                                                 const Vec3& spacing_mm) const {
  if (spread.unit == SigmaUnit::kImageVoxel) {
    std::vector<float> guide(padded_.VoxelCount());
    ExponentialGuideMap(padded_, clicks, {.sigma = spread.sigma}, guide);
    return ResampleLinear(guide, padded_, network_, edge_);
  }
  std::vector<Vec3> points;
  points.reserve(clicks.size());
  for (const Index3& c : clicks) points.push_back(OnNetwork(c));
  std::vector<float> guide(network_.VoxelCount());
  ExponentialGuideMapAt(network_, points, {.sigma = SigmaOnNetwork(spread, spacing_mm)}, guide);
  return guide;
}

std::vector<std::uint8_t> NetworkGrid::ToPadded(std::span<const std::uint8_t> network_mask) const {
  return ResampleNearest<std::uint8_t>(network_mask, network_, padded_, edge_);
}

std::vector<std::uint8_t> NetworkGrid::ToNetwork(std::span<const std::uint8_t> image_mask) const {
  std::vector<std::uint8_t> mask =
      ResampleNearest<std::uint8_t>(image_mask, image_, {image_.z, network_.y, network_.x}, edge_);
  mask.resize(network_.VoxelCount(), 0);
  return mask;
}

std::vector<std::uint8_t> NetworkGrid::WithoutPadding(std::vector<std::uint8_t> padded) const {
  padded.resize(image_.VoxelCount());
  return padded;
}

std::vector<std::uint8_t> NetworkGrid::WithPadding(std::span<const std::uint8_t> image_mask) const {
  std::vector<std::uint8_t> padded(image_mask.begin(), image_mask.end());
  padded.resize(padded_.VoxelCount(), 0);
  return padded;
}

void Normalise(std::span<float> voxels, Normalisation normalisation) {
  constexpr double kSmallest = 1e-8;
  double sum = 0;
  std::size_t count = 0;
  for (const float v : voxels) {
    if (v > 0) {
      sum += v;
      ++count;
    }
  }
  if (count == 0) return;
  const double mean = sum / static_cast<double>(count);
  double squares = 0;
  for (const float v : voxels) {
    if (v > 0) squares += (v - mean) * (v - mean);
  }
  const double sd = std::sqrt(squares / static_cast<double>(count)) + kSmallest;
  for (float& v : voxels) {
    if (v > 0 || normalisation == Normalisation::kZScorePositiveAllVoxels) v = static_cast<float>((v - mean) / sd);
  }
}

}  // namespace dinsd
