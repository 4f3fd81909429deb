#pragma once

#include <string>

namespace dinsd {

/// A check of CLI11 for a path: an empty one would be the folder that one happens to be in, or fail without a name.
inline std::string IsPath(const std::string& text) {
  return text.empty() ? "'' names no file and no folder" : "";
}

}  // namespace dinsd
