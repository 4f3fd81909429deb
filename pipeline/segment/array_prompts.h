#pragma once

#include <optional>
#include <span>
#include <vector>

#include "gpu/mask_ops.h"
#include "model/guides.h"
#include "pipeline/prompt/resolve.h"
#include "pipeline/segment/axes.h"

namespace dinsd {

/// What the network is told of one lesion, on the array (depth, rows, columns).
struct ArrayLesion {
  std::vector<GuidedClick> clicks;
  std::optional<IndexBox> box;

  [[nodiscard]] bool IsMarked() const { return box.has_value() || !clicks.empty(); }

  /// Smallest box round what is marked: the lesion's box, else its clicks.
  [[nodiscard]] IndexBox Bounds() const;
};

/// Prompts in the axis order of the network.
struct ArrayPrompts {
  std::vector<ArrayLesion> lesions;
  std::vector<GuidedClick> clicks;  // of all lesions and of the background

  [[nodiscard]] bool IsMarked() const;
};

/// Brings prompts from the series grid onto the array. A click's spread is `asked` (of every click) where that is
/// given, else its lesion's, else the file's, else the manifest's default.
[[nodiscard]] ArrayPrompts OntoArray(const ResolvedPrompts& prompts, const AxisMap& axes, const ModelManifest& manifest,
                                     const std::optional<GuideSpread>& asked = {});

/// The larger of the numbers of positive and of negative clicks.
[[nodiscard]] int ClicksOfOneSign(std::span<const GuidedClick> clicks);

}  // namespace dinsd
