#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/object_part.h"
#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// One lesion of a prior timepoint, as its report and its clicks have it.
struct PriorLesion {
  std::string id, tracking_uid, type, depth, laterality;  // the UID of its DICOM objects, also where no clicks gave it
  std::optional<PromptCode> site;
  std::uint16_t label = 0;  // in the prior's mask
  double volume_ml = 0;
  int slices_spanned = 0;
  bool is_below_measurable = false;
  bool touches_border = false;          // of the prior's image: a part of it may lie outside
  std::optional<double> change_log_sd;  // how sure its volume is, see IntervalOfChange; nothing: not known
  std::vector<ObjectPart> objects;      // that show what was measured, see NameObjects; empty: none are known
};

}  // namespace dinsd
