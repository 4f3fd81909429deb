#pragma once

#include <array>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

// Between the space of a file of prompts and LPS mm. Points in voxel-ijk are counted on the grid that the file states,
// which CheckPrompts' schema demands; std::bad_optional_access without it.

/// A point of the file in LPS mm.
[[nodiscard]] std::array<double, 3> LpsOf(const Prompts& prompts, const std::array<double, 3>& p);

/// A point in LPS mm in the space of the file.
[[nodiscard]] std::array<double, 3> FromLps(const Prompts& prompts, const std::array<double, 3>& lps);

/// A lesion of the file with its clicks in LPS mm; its box stays as it is.
[[nodiscard]] PromptLesion WithClicksInLps(const Prompts& prompts, PromptLesion lesion);

}  // namespace dinsd
