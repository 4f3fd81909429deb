#pragma once

#include <cstdlib>
#include <string>

namespace dinsd {

/// A check of CLI11 for a number from 0 to 1; its Range lets a number pass that is none.
inline std::string IsShare(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const bool is_share = !text.empty() && *end == '\0' && value >= 0 && value <= 1;
  return is_share ? "" : "'" + text + "' is no number from 0 to 1";
}

}  // namespace dinsd
