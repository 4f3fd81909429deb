#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/read/volume.h"

namespace dinsd {

/// One lesion of the truth and what a mask has under the same label.
struct LesionScore {
  std::uint16_t label = 0;
  double truth_ml = 0;
  double mask_ml = 0;
  double dsc = 0;
};

/// Mean DSC of the lesions whose true volume lies in [from_ml, to_ml).
struct SizeBinScore {
  std::string name;
  double from_ml = 0;
  double to_ml = 0;
  int lesions = 0;
  double mean_dsc = 0;  // 0 without a lesion
};

/// How a label map compares with the truth, label k with label k.
struct MaskScore {
  double whole_dsc = 0;              // of everything labelled against everything labelled
  std::vector<LesionScore> lesions;  // every label of the truth, ascending
  std::vector<SizeBinScore> bins;    // under 1 mL, 1 to 10 mL, 10 mL and more
  SizeBinScore above_1_ml;           // the last two together
};

/// Throws std::invalid_argument where the two grids differ in size or lie more than 0.05 mm apart at a corner.
[[nodiscard]] MaskScore ScoreMask(const LabelMap& mask, const LabelMap& truth);

}  // namespace dinsd
