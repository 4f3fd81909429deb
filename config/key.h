#pragma once

#include <toml++/toml.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dinsd {

/// One key of dinsd.toml, bound to its field: the one place that knows its name, unit, range, default and meaning. It
/// parses, checks, suggests and documents.
struct Key {
  std::string name;
  std::string unit;      // "s", "GiB", ...; empty where there is none
  std::string range;     // in words, for the message and the example
  std::string fallback;  // the field's value when the key was made, as TOML: the default
  std::string about;     // one sentence for the example
  bool is_required = false;
  std::function<bool(const toml::node&)> set;  // false: of another type or out of range, nothing was set
  std::string needed_with;                     // another key's value without which it means nothing; empty = always
};

/// A number as TOML writes it, shortest form.
[[nodiscard]] std::string NumberText(double value);

/// A text without control characters, as TOML writes it in quotes.
[[nodiscard]] std::string QuotedText(std::string_view text);

/// The same key, but without it the file is refused.
[[nodiscard]] Key Required(Key key);

/// The same key, which has no default: it is needed with `other` and only with it. The table's own check enforces that.
[[nodiscard]] Key NeededWith(std::string other, Key key);

/// A whole number; the field has any integer type, and holds `scale` times the value (bytes of a key in MiB).
template <typename Integer>
[[nodiscard]] Key WholeKey(std::string name, Integer& field, std::int64_t min, std::int64_t max, std::string unit,
                           std::string about, std::int64_t scale = 1) {
  return {std::move(name),
          std::move(unit),
          std::to_string(min) + " .. " + std::to_string(max),
          std::to_string(static_cast<std::int64_t>(field) / scale),
          std::move(about),
          false,
          [&field, min, max, scale](const toml::node& node) {
            const auto value = node.value_exact<std::int64_t>();
            if (!value || *value < min || *value > max) return false;
            field = static_cast<Integer>(*value * scale);
            return true;
          }};
}

/// A time as a whole number of its own unit (seconds, days).
template <typename Period>
[[nodiscard]] Key TimeKey(std::string name, std::chrono::duration<std::int64_t, Period>& field, std::int64_t min,
                          std::int64_t max, std::string unit, std::string about) {
  return {std::move(name),
          std::move(unit),
          std::to_string(min) + " .. " + std::to_string(max),
          std::to_string(field.count()),
          std::move(about),
          false,
          [&field, min, max](const toml::node& node) {
            const auto value = node.value_exact<std::int64_t>();
            if (!value || *value < min || *value > max) return false;
            field = std::chrono::duration<std::int64_t, Period>(*value);
            return true;
          }};
}

/// A number; TOML's whole numbers are taken as well, inf and nan never.
[[nodiscard]] Key RealKey(std::string name, double& field, double min, double max, std::string unit, std::string about);

[[nodiscard]] Key FlagKey(std::string name, bool& field, std::string about);

/// A text for which `accepts` holds; `range` says what that is.
[[nodiscard]] Key TextKey(std::string name, std::string& field, std::string range, std::string about,
                          std::function<bool(const std::string&)> accepts);

/// A path, relative ones to `base`.
[[nodiscard]] Key PathKey(std::string name, std::filesystem::path& field, const std::filesystem::path& base,
                          std::string about);

/// A list of texts for which `accepts` holds; of at least one unless `may_be_empty`.
[[nodiscard]] Key TextListKey(std::string name, std::vector<std::string>& field, std::string range, std::string about,
                              std::function<bool(const std::string&)> accepts, bool may_be_empty = false);

/// One of a few words, each for a value of the field.
template <typename Value>
[[nodiscard]] Key ChoiceKey(std::string name, Value& field, std::vector<std::pair<std::string, Value>> words,
                            std::string about) {
  std::string range;
  std::string fallback;
  for (const auto& [word, value] : words) {
    range += (range.empty() ? "" : " | ") + QuotedText(word);
    if (value == field) fallback = QuotedText(word);
  }
  return {std::move(name),
          "",
          range,
          fallback,
          std::move(about),
          false,
          [&field, words = std::move(words)](const toml::node& node) {
            const auto given = node.value_exact<std::string>();
            for (const auto& [word, value] : words) {
              if (given != word) continue;
              field = value;
              return true;
            }
            return false;
          }};
}

}  // namespace dinsd
