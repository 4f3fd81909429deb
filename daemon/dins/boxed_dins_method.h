#pragma once

#include <memory>
#include <string>

#include "daemon/dins/interactive_method.h"

namespace dinsd {

/// DINs where a person has drawn a box round each lesion: the truth's boxes, grown as those of the classical methods'
/// boxed form (BaselineOptions::box_margin_mm). The network sees a window round each box with the clicks inside, as
/// `dins segment --mode boxes` runs it, and nothing outside a box is tumour. Only the box of the last click is run.
[[nodiscard]] std::unique_ptr<InteractiveMethod> MakeBoxedDinsMethod(const std::string& weights,
                                                                     const std::string& device);

}  // namespace dinsd
