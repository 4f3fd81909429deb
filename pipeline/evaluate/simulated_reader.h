#pragma once

#include <cstdint>

#include "pipeline/read/volume.h"

namespace dinsd {

/// How a made-up reader differs from the truth.
struct ReaderOptions {
  std::uint64_t seed = 1;
  double jitter_mm = 2;             // the contour strays at most so far, smoothly along it (detail of about 6 voxels)
  double bias_mm = 0;               // and is drawn so far outside (above 0) or inside (below 0)
  double missed_end_slices = 0.25;  // chance that the first, and that the last, slice of a lesion is not drawn

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

/// A second reader's contours, simulated from the truth. A lesion (label) keeps the voxels whose signed distance to its
/// border, in mm, is below bias + jitter x smooth noise in [-1, 1]; the border lies half a voxel (of the smallest
/// spacing) beyond the centres. Then slices at its ends along the axis with the largest spacing are left out, never so
/// that nothing is left. Where two lesions grow into each other the nearer one has the voxel, the smaller label at a
/// tie. The same seed and truth give the same labels. It shows how an evaluation behaves and says nothing about people.
/// Throws std::invalid_argument of Check.
[[nodiscard]] LabelMap SimulateReader(const LabelMap& truth, const ReaderOptions& options);

}  // namespace dinsd
