#pragma once

#include <optional>
#include <string_view>

#include "pipeline/followup/change.h"
#include "pipeline/report/html.h"

namespace dinsd {

// How a change looks. A colour never stands alone: the class stands beside it in words. Colours of Okabe and Ito
// ("Color Universal Design", 2008), told apart also by who sees no red or no green.

/// The colour on a black picture.
[[nodiscard]] std::string_view ColourOfChange(const std::optional<ChangeClass>& change);

/// The class of its outline: solid, dashed where the change is uncertain or has no class.
[[nodiscard]] Markup OutlineOfChange(const std::optional<ChangeClass>& change);

/// The class of its word in the page.
[[nodiscard]] Markup ChipOfChange(const std::optional<ChangeClass>& change);

}  // namespace dinsd
