#pragma once

#include "pipeline/read/volume.h"
#include "pipeline/report/png.h"

namespace dinsd {

/// What a person looks at before a registration is believed, five panels of one slice side by side: the image of today
/// and the prior one as a checkerboard, before (as their positions say) and after; the two over each other, before and
/// after, today's in red and the prior one in cyan, so that grey is where they agree; today's with the outlines of the
/// mapped lesions. The slice is the one with most of the mask, or the middle one. All volumes and the mask on today's
/// grid; `mask` may be empty. Throws std::invalid_argument where one is not.
[[nodiscard]] Picture DrawRegistration(const Volume& today, const Volume& before, const Volume& after,
                                       const LabelMap& mask);

}  // namespace dinsd
