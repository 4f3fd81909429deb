#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace dinsd {

/// The text that a JSON object has at `key`; empty where it has none, or something else.
[[nodiscard]] inline std::string TextAt(const nlohmann::json& object, const char* key) {
  return object.contains(key) && object.at(key).is_string() ? object.at(key).get<std::string>() : std::string();
}

}  // namespace dinsd
