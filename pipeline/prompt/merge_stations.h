#pragma once

#include <vector>

#include "pipeline/prompt/pairing.h"

namespace dinsd {

/// The sidecars of an examination in stations, each made on another station, as the one that they are together: in LPS
/// mm, named after the first of them. Their lesions and background clicks stand side by side, with their status as it
/// was; places name the file. Names are joined, the digest is that of their digests. Throws InputError
/// (kNeedsPrompts): PROMPT_DUPLICATE_LESION (a lesion's id is in two of them: nobody says whether it is one lesion),
/// PROMPT_AMBIGUOUS (they differ in source or in sigma; a box in voxel indices of a station that stands askew), and
/// PROMPT_GRID_MISMATCH as by ResolveOnStations.
[[nodiscard]] PairedPrompts MergeStationPrompts(const std::vector<PairedPrompts>& sources, const StudyImage& image);

}  // namespace dinsd
