#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dinsd {

/// What the released code does and ours does not, one at a time, so that its effect can be measured.
struct Quirks {
  bool single_precision_moments = false;  // of the instance norms, see MomentSums
  bool sigma_in_image_voxels = false;     // sigma of the guide counts image voxels where the weights say network voxels
  bool skeleton_of_component = false;  // the other way round: the paper's click, where released code and ours take the
                                       // skeleton of the whole error
  bool boxes = false;                  // clicks go box by box, each half of the lesion's box in its turn ...
  bool erases_between_boxes = false;   // ... and the label between a box and its window is erased, for later boxes and
                                       // for the DSC
};

/// "float32-moments", "sigma-image-voxels", "skeleton-of-component", "boxes", "erased-label" (with boxes).
[[nodiscard]] bool IsQuirk(std::string_view word);
[[nodiscard]] std::string QuirkWords();

/// Throws std::invalid_argument on another word.
[[nodiscard]] Quirks QuirksFrom(const std::vector<std::string>& words);

/// Back: the words of those that are set.
[[nodiscard]] std::vector<std::string> WordsOf(const Quirks& quirks);

}  // namespace dinsd
