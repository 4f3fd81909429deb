#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dinsd {

/// A table of a TOML file whose values are taken by type. Every refusal is a std::runtime_error with file and line.
class TomlTable {
 public:
  /// `name` is what messages call it: "row", "data", ... Refuses keys that are not in `known`.
  TomlTable(const toml::table& table, std::string name, std::filesystem::path file,
            std::initializer_list<std::string_view> known);

  [[nodiscard]] std::string Text(std::string_view key) const;  // required and not empty
  [[nodiscard]] std::string Text(std::string_view key, const std::string& otherwise) const;
  [[nodiscard]] double Number(std::string_view key, double least, double largest, double otherwise) const;
  [[nodiscard]] std::int64_t Integer(std::string_view key, std::int64_t least, std::int64_t largest,
                                     std::int64_t otherwise) const;
  [[nodiscard]] bool Truth(std::string_view key, bool otherwise) const;
  [[nodiscard]] std::vector<std::string> Texts(std::string_view key) const;  // empty where it is missing
  [[nodiscard]] std::vector<std::int64_t> Integers(std::string_view key, std::int64_t least,
                                                   std::int64_t largest) const;
  [[nodiscard]] const toml::table* Table(std::string_view key) const;                // null where it is missing
  [[nodiscard]] std::vector<const toml::table*> Tables(std::string_view key) const;  // at least one

  [[nodiscard]] bool Has(std::string_view key) const { return table_.contains(key); }
  /// Refuses the value of `key`, or the table where it has none.
  [[noreturn]] void Refuse(std::string_view key, const std::string& why) const;

 private:
  template <typename T>
  [[nodiscard]] std::optional<T> Exactly(std::string_view key, const char* type) const;

  const toml::table& table_;
  std::string name_;
  std::filesystem::path file_;
};

/// Throws std::runtime_error with file and line where it is no TOML.
[[nodiscard]] toml::table ParseTomlFile(const std::filesystem::path& file);

[[noreturn]] void RefuseAt(const std::filesystem::path& file, const toml::source_region& where, const std::string& why);

}  // namespace dinsd
