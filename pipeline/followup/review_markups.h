#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// A lesion's clicks (LPS mm) as a list of 3D Slicer (markups schema v1.0.3), named after the lesion: positive ones are
/// labelled `+`, negative ones `-`; rejected ones are left out. ParseSlicerMarkups reads it back. Each point's
/// description names the proposal, since the list itself says neither whose nor of which image it is.
[[nodiscard]] std::string SlicerMarkups(const PromptLesion& lesion, const std::string& proposal_sha256);

/// The proposals (SHA-256) that the points of a file of 3D Slicer name; none where it is no such file. Thread-safe.
[[nodiscard]] std::set<std::string> ProposalsIn(std::span<const std::byte> markups);

}  // namespace dinsd
