#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dinsd {

/// Which outputs of the Deep Interactive Module a network has (paper, section V-C3). Output 1: the guides beside the
/// image at the input. Output 2: the guides, pooled and convolved, added to an encoder level after the first norm of
/// its block, before the ReLU.
///
/// What the sources do not say is decided here: output 2 at level n is a max-pool of the guides to the grid of level
/// n - 1 and one 3x3x3 convolution with bias, with the stride of level n's own first convolution, to that level's
/// channels, which gives the published module at level 5. Output 2 of v2 is a max-pool by 1x4x4 and two 3x3x3
/// convolutions with bias, in step with down4 and the bridge: stride 1x2x2 to the channels of level 4, ReLU (without it
/// the two would be one), stride 2x2x2 to those of level 5.
enum class DimVariant {
  kBoth,     // outputs 1 and 2, the latter at the bridge (the published network)
  kInput,    // output 1 only
  kHighest,  // output 2 at the bridge only
  kNone,     // an ablation: no guide at all
  kV2,       // both, with two convolutions in output 2
  kLevel1,   // both, with output 2 at encoder level 1, ...
  kLevel2,
  kLevel3,
  kLevel4,
  kLevel5,  // ... at the bridge: the same network as kBoth
};

/// The word of a manifest: "both", "input", "highest", "none", "v2", "level-1" to "level-5".
[[nodiscard]] std::string DimWord(DimVariant variant);

/// The variant that a word names; nothing for any other word.
[[nodiscard]] std::optional<DimVariant> DimVariantFrom(std::string_view word);

/// All words, for a sentence.
[[nodiscard]] std::string DimWords();

/// Output 1: the guides are seen beside the image.
[[nodiscard]] bool HasGuideInput(DimVariant variant);

/// The encoder level (1 to 5) that output 2 is added to; nothing where there is none.
[[nodiscard]] std::optional<int> GuidedLevel(DimVariant variant);

}  // namespace dinsd
