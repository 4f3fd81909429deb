#pragma once

#include <string>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// A lesion's clicks (LPS mm) as a list of 3D Slicer (markups schema v1.0.3), named after the lesion: positive ones are
/// labelled `+`, negative ones `-`; rejected ones are left out. ParseSlicerMarkups reads it back. Each point's
/// description names the proposal and which click of it this is (MarkInWords): the list itself says neither whose nor
/// of which image it is, and its points may be moved about.
[[nodiscard]] std::string SlicerMarkups(const PromptLesion& lesion, const std::string& proposal_sha256);

}  // namespace dinsd
