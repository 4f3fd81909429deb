#pragma once

#include <string>

namespace dinsd {

/// Why a text does not name a person or a patient, a sentence that does not repeat it: it is no UTF-8, blank to the
/// eye (IsBlank), or holds a control character (U+0000 to U+001F, U+007F to U+009F) or one that cannot be seen or told
/// from a blank (InvisibleIn). Two names that look alike would be two persons, and a line break would forge a line
/// wherever the name is listed. Empty where nothing is wrong. Thread-safe.
[[nodiscard]] std::string FaultOfPseudonym(const std::string& pseudonym);

}  // namespace dinsd
