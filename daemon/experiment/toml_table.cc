#include "daemon/experiment/toml_table.h"

#include <algorithm>
#include <stdexcept>

namespace dinsd {

void RefuseAt(const std::filesystem::path& file, const toml::source_region& where, const std::string& why) {
  throw std::runtime_error(file.string() + ":" + std::to_string(where.begin.line) + ": " + why);
}

TomlTable::TomlTable(const toml::table& table, std::string name, std::filesystem::path file,
                     std::initializer_list<std::string_view> known)
    : table_(table), name_(std::move(name)), file_(std::move(file)) {
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) == known.end())
      RefuseAt(file_, node.source(), "unknown key `" + std::string(key.str()) + "` of " + name_);
  }
}

void TomlTable::Refuse(std::string_view key, const std::string& why) const {
  const toml::node* node = table_.get(key);
  RefuseAt(file_, node != nullptr ? node->source() : table_.source(),
           "`" + std::string(key) + "` of " + name_ + " " + why);
}

template <typename T>
std::optional<T> TomlTable::Exactly(std::string_view key, const char* type) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return std::nullopt;
  const std::optional<T> value = node->value_exact<T>();
  if (!value) Refuse(key, std::string("must be ") + type);
  return value;
}

std::string TomlTable::Text(std::string_view key) const {
  const auto text = Exactly<std::string>(key, "a text");
  if (!text || text->empty()) Refuse(key, "is missing");
  return *text;
}

std::string TomlTable::Text(std::string_view key, const std::string& otherwise) const {
  return Exactly<std::string>(key, "a text").value_or(otherwise);
}

double TomlTable::Number(std::string_view key, double least, double largest, double otherwise) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return otherwise;
  const std::optional<double> value = node->value<double>();
  if (!value || !(*value >= least && *value <= largest))
    Refuse(key, "must be a number from " + std::to_string(least) + " to " + std::to_string(largest));
  return *value;
}

std::int64_t TomlTable::Integer(std::string_view key, std::int64_t least, std::int64_t largest,
                                std::int64_t otherwise) const {
  const std::int64_t value = Exactly<std::int64_t>(key, "a whole number").value_or(otherwise);
  if (value < least || value > largest)
    Refuse(key, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(largest));
  return value;
}

bool TomlTable::Truth(std::string_view key, bool otherwise) const {
  return Exactly<bool>(key, "true or false").value_or(otherwise);
}

std::vector<std::string> TomlTable::Texts(std::string_view key) const {
  std::vector<std::string> texts;
  const toml::node* node = table_.get(key);
  if (node == nullptr) return texts;
  const toml::array* list = node->as_array();
  if (list == nullptr) Refuse(key, "must be a list of texts");
  for (const toml::node& item : *list) {
    if (!item.is_string()) Refuse(key, "must be a list of texts");
    texts.push_back(item.value_or<std::string>(""));
  }
  return texts;
}

std::vector<std::int64_t> TomlTable::Integers(std::string_view key, std::int64_t least, std::int64_t largest) const {
  std::vector<std::int64_t> numbers;
  const toml::node* node = table_.get(key);
  if (node == nullptr) return numbers;
  const toml::array* list = node->as_array();
  const std::string what =
      "must be a list of whole numbers from " + std::to_string(least) + " to " + std::to_string(largest);
  if (list == nullptr) Refuse(key, what);
  for (const toml::node& item : *list) {
    const auto number = item.value_exact<std::int64_t>();
    if (!number || *number < least || *number > largest) Refuse(key, what);
    numbers.push_back(*number);
  }
  return numbers;
}

const toml::table* TomlTable::Table(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return nullptr;
  if (!node->is_table()) Refuse(key, "must be a table");
  return node->as_table();
}

std::vector<const toml::table*> TomlTable::Tables(std::string_view key) const {
  const toml::array* list = table_.get(key) == nullptr ? nullptr : table_.get(key)->as_array();
  if (list == nullptr || list->empty()) Refuse(key, "must be at least one [[" + std::string(key) + "]]");
  std::vector<const toml::table*> tables;
  for (const toml::node& item : *list) {
    if (!item.is_table()) Refuse(key, "must be tables");
    tables.push_back(item.as_table());
  }
  return tables;
}

toml::table ParseTomlFile(const std::filesystem::path& file) {
  try {
    return toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    RefuseAt(file, error.source(), std::string(error.description()));
  }
}

}  // namespace dinsd
