#pragma once

#include <vector>

#include "pipeline/phantom/phantom.h"

namespace dinsd {

inline constexpr int kMostStations = 12;

/// How the DICOM form of a phantom is cut into the table stations of a whole-body examination.
struct PhantomStations {
  int count = 1;               // 1: not at all
  double overlap_mm = 60;      // of neighbours, rounded to whole rows
  bool in_one_series = false;  // all stations under one SeriesInstanceUID, else a series each
  bool has_composed = false;   // the whole image as well, as a series that the scanner composed of them

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

/// The stations of the phantom's image, head to feet, all equally long to a row: parts of its own voxels, each with a
/// scale of its own (as of its coil, 0.7 to 1.4) and a little noise on top (up to 1 % of the image's largest value).
/// Throws std::invalid_argument where neighbours would share half of a station or more, or have no whole row in common.
[[nodiscard]] std::vector<Volume> CutIntoStations(const Phantom& phantom, const PhantomStations& stations);

}  // namespace dinsd
