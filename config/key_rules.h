#pragma once

#include <string>

namespace dinsd {

/// Rules for texts that keys of several tables share.
[[nodiscard]] bool IsSourceName(const std::string& text);

/// DICOM PS3.5 6.2, without the blanks at either end that do not count.
[[nodiscard]] bool IsAeTitle(const std::string& text);

}  // namespace dinsd
