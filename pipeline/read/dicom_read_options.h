#pragma once

#include <stdexcept>

namespace dinsd {

/// How a folder of DICOM becomes volumes.
struct DicomReadOptions {
  double min_slice_spacing_mm = 2;
  double max_slice_spacing_mm = 15;
  int min_slices = 6;
  bool take_only_series = true;  // the only usable series of a study is taken although no rule matches it

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (!(min_slice_spacing_mm > 0)) throw std::invalid_argument("min_slice_spacing_mm must be above 0");
    if (!(max_slice_spacing_mm >= min_slice_spacing_mm)) {
      throw std::invalid_argument("max_slice_spacing_mm must be at least min_slice_spacing_mm");
    }
    if (min_slices < 1) throw std::invalid_argument("min_slices must be at least 1");
  }
};

}  // namespace dinsd
