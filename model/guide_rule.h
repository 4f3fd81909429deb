#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "model/model_manifest.h"

namespace dinsd {

/// The words of sigma's units, in manifests and options.
inline constexpr std::array<std::pair<std::string_view, SigmaUnit>, 3> kSigmaUnits = {
    {{"image-voxel", SigmaUnit::kImageVoxel}, {"network-voxel", SigmaUnit::kNetworkVoxel}, {"mm", SigmaUnit::kMm}}};

[[nodiscard]] std::string SigmaUnitWord(SigmaUnit unit);
[[nodiscard]] std::optional<SigmaUnit> SigmaUnitFrom(std::string_view word);

/// The spread of an exponential guide map.
struct GuideSpread {
  Vec3 sigma{1, 5, 5};  // z y x
  SigmaUnit unit = SigmaUnit::kImageVoxel;

  friend bool operator==(const GuideSpread&, const GuideSpread&) = default;
};

/// Each sigma is 0.1 to 1000.
[[nodiscard]] bool IsLegal(const GuideSpread& spread);

/// What a guide map says of a voxel.
enum class GuideKind {
  kExponential,  // ExpDT: exp(-sum_d (v_d - c_d)^2 / (2 sigma_d^2)), the largest over clicks; in [0, 1]
  kEuclidean,    // distance to the nearest click
  kGeodesic,     // the same along the cheapest path, a step costing its length times the intensity difference
  kBlend,        // the same, a step costing its length times (alpha + beta * the intensity difference)
};

/// How clicks become what the network sees: bound to weights by their manifest, the same in training and inference.
///
/// Scale: the exponential map goes to the network as it is, 1 at a click. A distance counts voxels of the grid that it
/// is made on, times `scale`, and is 0 at a click; nothing else is done to it (the released code: scale 1). A polarity
/// without clicks is 0 everywhere, in each kind.
///
/// The paper's own formula of the blend was not at hand (its alpha and beta are known from its table only): the cost of
/// a step is the reading taken here, in which (1, 0) is a chamfer distance and (0, 1) the geodesic one.
struct GuideRule {
  GuideKind kind = GuideKind::kExponential;
  bool is_half = false;  // a distance made at half rows and columns, from every second voxel of the image, and brought
                         // back with order 1; it counts the half grid's voxels
  GuideSpread spread;    // kExponential, of clicks without one of their own
  double alpha = 1;      // kBlend, of the length
  double beta = 1;       // kBlend, of the intensity difference
  double scale = 1;      // of distances, > 0

  [[nodiscard]] bool IsDistance() const { return kind != GuideKind::kExponential; }
};

/// The rule of a manifest's word, otherwise with defaults: "expdt", "euclidean", "geodesic", "blend", and of the last
/// three with "-half"; nothing for any other word.
[[nodiscard]] std::optional<GuideRule> GuideRuleFrom(std::string_view word);

/// All words, for a sentence.
[[nodiscard]] std::string GuideWords();

/// The rule that weights are bound to. Throws std::invalid_argument on a word that is not known.
[[nodiscard]] GuideRule GuideRuleOf(const ModelManifest& manifest);

/// Refuses weights that were not trained with the guide that was asked for, and a sigma asked for where the guide has
/// none: WeightsError WEIGHTS_GUIDE, which names `file` and both guides. `asked` empty: whatever the weights have. A
/// word that is not known is refused in the same way.
void CheckGuide(const ModelManifest& manifest, const std::string& file, const std::string& asked, bool asks_sigma);

}  // namespace dinsd
