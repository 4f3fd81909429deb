#pragma once

#include <stdexcept>

namespace dinsd {

/// When lesions of two timepoints are the same one.
struct MatchOptions {
  double dilation_mm = 8;     // of both masks, within the slice: about the error of a registration
  int dilation_slices = 1;    // and across
  double gate_mm = 20;        // centroids farther apart are no pair, unless the dilated masks overlap
  double merged_share = 0.5;  // of a lesion's voxels that lie in another's dilated mask, for merged and split

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (!(dilation_mm >= 0 && dilation_mm <= 50)) throw std::invalid_argument("dilation_mm must be 0 to 50");
    if (dilation_slices < 0 || dilation_slices > 10) throw std::invalid_argument("dilation_slices must be 0 to 10");
    if (!(gate_mm > 0)) throw std::invalid_argument("gate_mm must be above 0");
    if (!(merged_share > 0 && merged_share <= 1))
      throw std::invalid_argument("merged_share must be above 0, at most 1");
  }
};

}  // namespace dinsd
