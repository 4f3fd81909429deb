#pragma once

#include <span>

#include "pipeline/segment/array_prompts.h"
#include "pipeline/segment/lesions.h"

namespace dinsd {

/// Flags `click_held` on a lesion some of whose clicks are among `not_followed` (voxels of the array, see PassMask),
/// with a warning that counts them: there the outline is not what the network saw.
void FlagHeldClicks(const ArrayLesion& lesion, std::span<const Index3> not_followed, LesionRemarks& remarks);

}  // namespace dinsd
