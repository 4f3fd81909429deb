#include "config/key.h"

#include <cmath>
#include <cstdio>
#include <sstream>

namespace dinsd {

std::string NumberText(double value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

std::string QuotedText(std::string_view text) {
  std::string quoted("\"");
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

Key Required(Key key) {
  key.is_required = true;
  return key;
}

Key NeededWith(std::string other, Key key) {
  key.needed_with = std::move(other);
  return key;
}

Key RealKey(std::string name, double& field, double min, double max, std::string unit, std::string about) {
  return {std::move(name),
          std::move(unit),
          NumberText(min) + " .. " + NumberText(max),
          NumberText(field),
          std::move(about),
          false,
          [&field, min, max](const toml::node& node) {
            if (!node.is_number()) return false;
            const double value = node.value<double>().value_or(std::nan(""));
            if (!(value >= min && value <= max)) return false;
            field = value;
            return true;
          }};
}

Key FlagKey(std::string name, bool& field, std::string about) {
  return {std::move(name),
          "",
          "true | false",
          field ? "true" : "false",
          std::move(about),
          false,
          [&field](const toml::node& node) {
            const auto value = node.value_exact<bool>();
            field = value.value_or(field);
            return value.has_value();
          }};
}

Key TextKey(std::string name, std::string& field, std::string range, std::string about,
            std::function<bool(const std::string&)> accepts) {
  return {std::move(name),
          "",
          std::move(range),
          QuotedText(field),
          std::move(about),
          false,
          [&field, accepts = std::move(accepts)](const toml::node& node) {
            const auto value = node.value_exact<std::string>();
            if (!value || !accepts(*value)) return false;
            field = *value;
            return true;
          }};
}

Key PathKey(std::string name, std::filesystem::path& field, const std::filesystem::path& base, std::string about) {
  return {std::move(name),
          "",
          "a path",
          QuotedText(field.string()),
          std::move(about),
          false,
          [&field, base](const toml::node& node) {
            const auto value = node.value_exact<std::string>();
            if (!value || value->empty()) return false;
            field = (base / *value).lexically_normal();
            return true;
          }};
}

Key TextListKey(std::string name, std::vector<std::string>& field, std::string range, std::string about,
                std::function<bool(const std::string&)> accepts, bool may_be_empty) {
  std::string fallback;
  for (const std::string& text : field) fallback += (fallback.empty() ? "" : ", ") + QuotedText(text);
  return {std::move(name),
          "",
          std::move(range),
          "[" + fallback + "]",
          std::move(about),
          false,
          [&field, accepts = std::move(accepts), may_be_empty](const toml::node& node) {
            const toml::array* list = node.as_array();
            if (list == nullptr || (list->empty() && !may_be_empty)) return false;
            std::vector<std::string> texts;
            for (const toml::node& item : *list) {
              const auto text = item.value_exact<std::string>();
              if (!text || !accepts(*text)) return false;
              texts.push_back(*text);
            }
            field = std::move(texts);
            return true;
          }};
}

}  // namespace dinsd
