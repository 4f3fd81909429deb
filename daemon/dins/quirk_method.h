#pragma once

#include <memory>
#include <string>

#include "daemon/dins/interactive_method.h"
#include "daemon/experiment/quirks.h"

namespace dinsd {

/// DINs with a weights file and quirks of the released code, so that their effect can be measured. With boxes the
/// lesion's own box is cut in two along its longest axis and clicked half by half, each with half of the budget, in
/// windows as the released code makes them (model/box_mode.h).
[[nodiscard]] std::unique_ptr<InteractiveMethod> MakeQuirkMethod(const std::string& weights, const std::string& device,
                                                                 const Quirks& quirks);

}  // namespace dinsd
