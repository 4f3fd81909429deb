#pragma once

#include <string>

namespace dinsd {

/// A concept by code, scheme and meaning, such as 89084002, SCT, Neurofibroma.
struct DicomCode {
  std::string value, scheme, meaning;

  friend bool operator==(const DicomCode&, const DicomCode&) = default;
};

/// Whether the attributes that hold a code can hold this one: value and scheme of 1 to 16 characters, a meaning of 1 to
/// 64, none beginning with a blank or holding a backslash or a line break. A code of a stranger's sidecar may be none.
[[nodiscard]] bool IsHoldable(const DicomCode& code);

}  // namespace dinsd
