#include "pipeline/segment/held_clicks.h"

#include <algorithm>
#include <string>

namespace dinsd {

void FlagHeldClicks(const ArrayLesion& lesion, std::span<const Index3> not_followed, LesionRemarks& remarks) {
  const auto held = std::count_if(lesion.clicks.begin(), lesion.clicks.end(), [&](const GuidedClick& c) {
    return std::find(not_followed.begin(), not_followed.end(), c.click.voxel) != not_followed.end();
  });
  if (held == 0) return;
  remarks.flags.emplace_back("click_held");
  remarks.warnings.push_back("the network answered " + std::to_string(held) + " of " +
                             std::to_string(lesion.clicks.size()) +
                             " clicks otherwise: its answer was changed round them");
}

}  // namespace dinsd
