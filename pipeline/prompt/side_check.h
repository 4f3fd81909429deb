#pragma once

#include <optional>

#include "pipeline/prompt/resolve.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// How far beyond the body's middle the positive clicks of a lesion must lie on the other side, mm.
inline constexpr double kSideToleranceMm = 20;

/// The least width from which an image is taken for one of a whole body's width, mm; that of one limb has another
/// middle.
inline constexpr double kLeastBodyWidthMm = 250;

/// The x of the body's middle in LPS mm (x rises to the patient's left): the mean x of the voxels above 0. Nothing
/// where it cannot be known: no voxel is above 0, or all of them lie within kLeastBodyWidthMm along x. Thread-safe.
[[nodiscard]] std::optional<double> BodyMiddleX(const Volume& volume);

/// Flags `side_conflict` on a lesion whose `laterality` in the file is L or R while the mean of its positive clicks
/// lies more than kSideToleranceMm on the other side of BodyMiddleX, with one warning that counts such lesions:
/// coordinates in RAS that are called LPS look like this. `resolved` is what came of `prompts`. Thread-safe.
void FlagSideConflicts(const Volume& volume, const Prompts& prompts, ResolvedPrompts& resolved);

}  // namespace dinsd
