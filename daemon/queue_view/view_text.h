#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace dinsd {

/// A field for a terminal: a text without control characters, anything else as JSON. Throws where it is missing.
[[nodiscard]] std::string ViewText(const nlohmann::json& object, const char* name);

/// Columns as wide as their widest cell, two blanks between; the first row is the head.
[[nodiscard]] std::string ViewTable(const std::vector<std::vector<std::string>>& rows);

}  // namespace dinsd
