#pragma once

#include <string>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// A lesion's clicks (LPS mm) as a list of 3D Slicer (markups schema v1.0.3), named after the lesion: positive ones are
/// labelled `+`, negative ones `-`; rejected ones are left out. ParseSlicerMarkups reads it back.
[[nodiscard]] std::string SlicerMarkups(const PromptLesion& lesion);

}  // namespace dinsd
