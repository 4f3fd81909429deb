#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/followup/spatial_map.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// What is compared of an image: cubes of `spacing` mm along the axes of a frame, grey values that do not depend on the
/// scanner's scale, the body without the air.
struct WorkingImage {
  std::array<std::int64_t, 3> size{};
  double spacing = 1;                   // mm
  Point3 origin{};                      // mm in the frame, centre of voxel (0, 0, 0)
  std::vector<float> values;            // 0 to 1, first axis fastest
  std::vector<std::uint8_t> is_imaged;  // 1 inside of the image's field of view
  std::vector<std::uint8_t> is_body;    // 1 in the body and up to 8 mm round it

  [[nodiscard]] std::size_t VoxelCount() const { return static_cast<std::size_t>(size[0] * size[1] * size[2]); }
  [[nodiscard]] Point3 PlaceOf(std::size_t at) const;
  [[nodiscard]] std::size_t OffsetOf(std::int64_t i, std::int64_t j, std::int64_t k) const {
    return static_cast<std::size_t>((k * size[1] + j) * size[0] + i);
  }
};

/// The image on cubes in a frame (a matrix whose columns are axes): means over what a cube covers, linear between
/// voxels; then the square root of the share of the 99.5th percentile of the body. The body is what is brighter than
/// half of Otsu's threshold, in pieces of at least 2 % of all of it. Throws RegistrationError REG_NO_BODY where nothing
/// is.
[[nodiscard]] WorkingImage MakeWorkingImage(const Volume& volume, const std::array<double, 9>& frame,
                                            double spacing_mm);

/// Half as many voxels along each axis.
[[nodiscard]] WorkingImage Halved(const WorkingImage& image);

/// The value at a place, linear between voxels; nothing (false) outside of the field of view.
[[nodiscard]] bool ValueAt(const WorkingImage& image, const Point3& in_frame, float& value);

/// The moving image as the map brings it onto the grid of `fixed`, with what is imaged of it.
[[nodiscard]] WorkingImage Warped(const WorkingImage& moving, const WorkingImage& fixed, const SpatialMap& map);

/// Up to `count` voxels of the body, ascending; which ones is a function of the seed.
[[nodiscard]] std::vector<std::size_t> SampleBody(const WorkingImage& image, std::int64_t count, std::uint64_t seed);

/// Middle of the body in the frame.
[[nodiscard]] Point3 BodyCentre(const WorkingImage& image);

}  // namespace dinsd
