#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/resample.h"
#include "gpu/voxel_types.h"
#include "model/guide_rule.h"
#include "model/model_manifest.h"

namespace dinsd {

/// The way of one array (depth, rows, columns) onto the network's grid and back: in-plane resampling with aligned
/// corners, depth kept, one zero slice at the end where depth is odd.
class NetworkGrid {
 public:
  /// `rows` and `columns` of the network grid must be multiples of 16. Throws std::invalid_argument.
  NetworkGrid(const Size3& image, std::int64_t rows, std::int64_t columns, EdgeRule edge);

  /// The grid that a manifest asks for: its fixed size, or its spacing with each in-plane size rounded to the nearest
  /// multiple of 16 (at least 16). `spacing_mm` z y x.
  [[nodiscard]] static NetworkGrid For(const ModelManifest& manifest, const Size3& image, const Vec3& spacing_mm);

  [[nodiscard]] const Size3& image() const { return image_; }    // as given
  [[nodiscard]] const Size3& padded() const { return padded_; }  // with depth made even
  [[nodiscard]] const Size3& network() const { return network_; }

  /// Resampled, padded and normalised image on the network grid.
  [[nodiscard]] std::vector<float> Image(std::span<const float> image, Normalisation normalisation) const;

  /// Where a voxel of the padded image grid lies on the network grid.
  [[nodiscard]] Vec3 OnNetwork(const Index3& padded_voxel) const;

  /// Size of a voxel of the network grid in mm, z y x, where one of the image has `spacing_mm`.
  [[nodiscard]] Vec3 VoxelMm(const Vec3& spacing_mm) const;

  /// Exponential guide map on the network grid of clicks given on the padded image grid; `spacing_mm` of the image (z y
  /// x) is used for kMm only. kImageVoxel: made on the padded image grid, then resampled (the published evaluation).
  /// kNetworkVoxel and kMm: clicks are scaled to the network grid first (the published training). Whoever runs a
  /// network goes through MakeInput (model/guides.h), which knows the weights' kind of guide.
  [[nodiscard]] std::vector<float> ExponentialGuide(std::span<const Index3> clicks, const GuideSpread& spread,
                                                    const Vec3& spacing_mm) const;

  /// A spread's sigma in voxels of the network grid; kImageVoxel and kMm scaled by the size of an image voxel in
  /// network voxels, at least 0.1.
  [[nodiscard]] Vec3 SigmaOnNetwork(const GuideSpread& spread, const Vec3& spacing_mm) const;

  /// A mask of the network grid brought back to the padded image grid (order 0).
  [[nodiscard]] std::vector<std::uint8_t> ToPadded(std::span<const std::uint8_t> network_mask) const;

  /// A mask of the image grid on the network grid (order 0), zero in the padding.
  [[nodiscard]] std::vector<std::uint8_t> ToNetwork(std::span<const std::uint8_t> image_mask) const;

  /// The first image().z slices of an array on the padded grid, and an array on the image grid with its zero slice.
  [[nodiscard]] std::vector<std::uint8_t> WithoutPadding(std::vector<std::uint8_t> padded) const;
  [[nodiscard]] std::vector<std::uint8_t> WithPadding(std::span<const std::uint8_t> image_mask) const;

 private:
  Size3 image_;
  Size3 padded_;
  Size3 network_;
  EdgeRule edge_;
};

/// (x - mean) / (sd + 1e-8) with mean and population sd over voxels > 0, summed in float64; voxels <= 0 stay as they
/// are under kZScorePositive. An array without positive voxels is left alone.
void Normalise(std::span<float> voxels, Normalisation normalisation);

}  // namespace dinsd
