#pragma once

#include <string>
#include <vector>

#include "pipeline/followup/followed.h"

namespace dinsd {

/// The flag of a followed lesion whose prior reached the border of its image: a part may lie outside of it.
inline constexpr char kPriorTouchesBorder[] = "prior_touches_border";

/// Flags the lesion so where its prior did, and takes the flag away where it did not.
inline void FlagPriorAtBorder(FollowedLesion& lesion) {
  std::erase(lesion.flags, kPriorTouchesBorder);
  if (lesion.prior.touches_border) lesion.flags.emplace_back(kPriorTouchesBorder);
}

}  // namespace dinsd
