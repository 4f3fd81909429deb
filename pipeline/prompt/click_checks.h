#pragma once

#include <string>

#include "pipeline/prompt/resolve.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Whether tumours are brighter than tissue on a sequence (lower case, as in StudyImage): STIR and T2. Not known of an
/// unknown one.
[[nodiscard]] bool ShowsTumoursBright(const std::string& sequence);

/// Flags the lesions whose clicks lie where no tumour is expected; a person may still be right, so nothing else
/// changes. CLICK_IN_AIR: a click on a voxel below the 5th percentile of the image (of every n-th voxel, at most 2^20
/// of them). CLICK_NOT_BRIGHT, where ShowsTumoursBright: a positive click whose 3 x 3 voxels in its slice are on
/// average no brighter than the median of the slice's voxels 15 to 30 mm away; inside a tumour wider than that ring the
/// flag means nothing. The slice is the plane of the two finest axes. Thread-safe.
void FlagUnlikelyClicks(const Volume& volume, const std::string& sequence, ResolvedPrompts& prompts);

}  // namespace dinsd
