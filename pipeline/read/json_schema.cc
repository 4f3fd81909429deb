#include "pipeline/read/json_schema.h"

#include <regex.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "pipeline/read/date_time.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestShown = 64;
constexpr std::size_t kLongestPattern = 256;

// Where a value stands: a list from the value up to the document.
struct Place {
  const Place* parent = nullptr;
  std::string step;

  [[nodiscard]] std::string Pointer() const {
    if (parent == nullptr) return "";
    return PointerTo(parent->Pointer(), step);
  }
};

std::size_t CodePoints(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// POSIX extended expressions: without backtracking, so no string makes them slow. std::regex would recurse.
bool Matches(const std::string& pattern, const std::string& text) {
  regex_t compiled;
  if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) {
    throw std::logic_error("schema: pattern " + pattern);
  }
  std::array<regmatch_t, 1> range{{{0, static_cast<regoff_t>(text.size())}}};  // the text may hold zero bytes
  const bool is_match = ::regexec(&compiled, text.c_str(), range.size(), range.data(), REG_STARTEND) == 0;
  ::regfree(&compiled);
  return is_match;
}

bool IsType(const std::string& type, const json& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "number") return value.is_number();
  return value.is_number_integer() ||
         (value.is_number_float() && std::floor(value.get<double>()) == value.get<double>());
}

std::string List(const json& values) {
  std::string text;
  for (const json& value : values) text += (text.empty() ? "" : ", ") + value.dump();
  return text;
}

// One walk over a document.
class Walk {
 public:
  Walk(const json& root, bool shows_values) : root_(root), shows_values_(shows_values) {}

  [[nodiscard]] std::optional<SchemaViolation> Check(const json& schema, const json& value, const Place& place) const {
    for (const auto& [keyword, argument] : schema.items()) {
      if (auto violation = CheckKeyword(keyword, schema, argument, value, place)) return violation;
    }
    return std::nullopt;
  }

 private:
  using Result = std::optional<SchemaViolation>;

  [[nodiscard]] Result CheckKeyword(const std::string& keyword, const json& schema, const json& argument,
                                    const json& value, const Place& place) const {
    if (keyword == "$ref")
      return Check(root_.at(json::json_pointer(argument.get<std::string>().substr(1))), value, place);
    if (keyword == "type") return IsType(argument, value) ? Result() : Wrong(value, argument, place);
    if (keyword == "const") return value == argument ? Result() : Wrong(value, argument.dump(), place);
    if (keyword == "enum") return CheckEnum(argument, value, place);
    if (keyword == "allOf") return CheckAll(argument, value, place);
    if (keyword == "anyOf") return CheckAny(argument, value, place);
    if (keyword == "if") return Check(argument, value, place) ? Result() : Check(schema.at("then"), value, place);
    if (value.is_object()) return CheckObject(keyword, schema, argument, value, place);
    if (value.is_array()) return CheckArray(keyword, argument, value, place);
    if (value.is_string()) return CheckString(keyword, schema, argument, value.get_ref<const std::string&>(), place);
    if (value.is_number()) return CheckNumber(keyword, argument, value, place);
    return std::nullopt;
  }

  [[nodiscard]] Result CheckEnum(const json& argument, const json& value, const Place& place) const {
    const bool is_known = std::find(argument.begin(), argument.end(), value) != argument.end();
    return is_known ? Result() : Wrong(value, "one of " + List(argument), place);
  }

  [[nodiscard]] Result CheckAll(const json& argument, const json& value, const Place& place) const {
    for (const json& schema : argument) {
      if (auto violation = Check(schema, value, place)) return violation;
    }
    return std::nullopt;
  }

  [[nodiscard]] Result CheckAny(const json& argument, const json& value, const Place& place) const {
    std::string sentence;
    for (const json& schema : argument) {
      const auto violation = Check(schema, value, place);
      if (!violation) return std::nullopt;
      sentence += (sentence.empty() ? "" : " and ") + violation->sentence;
    }
    return SchemaViolation{place.Pointer(), sentence};
  }

  [[nodiscard]] Result CheckObject(const std::string& keyword, const json& schema, const json& argument,
                                   const json& value, const Place& place) const {
    if (keyword == "required") {
      for (const json& name : argument) {
        if (!value.contains(name.get<std::string>())) return SchemaViolation{place.Pointer(), "lacks " + name.dump()};
      }
    } else if (keyword == "properties") {
      for (const auto& [name, subschema] : argument.items()) {
        const auto member = value.find(name);
        if (member == value.end()) continue;
        if (auto violation = Check(subschema, *member, {&place, name})) return violation;
      }
    } else if (keyword == "additionalProperties") {
      for (const auto& [name, ignored] : value.items()) {
        if (schema.at("properties").contains(name)) continue;
        return SchemaViolation{Place{&place, name}.Pointer(), "is an unknown field"};
      }
    }
    return std::nullopt;
  }

  [[nodiscard]] Result CheckArray(const std::string& keyword, const json& argument, const json& value,
                                  const Place& place) const {
    if (keyword == "items") {
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (auto violation = Check(argument, value[i], {&place, std::to_string(i)})) return violation;
      }
    }
    const std::string has = "has " + std::to_string(value.size()) + " items, ";
    if (keyword == "minItems" && value.size() < argument.get<std::size_t>()) {
      return SchemaViolation{place.Pointer(), has + "at least " + argument.dump() + " expected"};
    }
    if (keyword == "maxItems" && value.size() > argument.get<std::size_t>()) {
      return SchemaViolation{place.Pointer(), has + "at most " + argument.dump() + " allowed"};
    }
    return std::nullopt;
  }

  [[nodiscard]] Result CheckString(const std::string& keyword, const json& schema, const json& argument,
                                   const std::string& text, const Place& place) const {
    if (keyword != "minLength" && keyword != "maxLength" && keyword != "pattern" && keyword != "format") return {};
    const std::size_t length = CodePoints(text);
    const std::string has = "has " + std::to_string(length) + " characters, ";
    if (keyword == "minLength" && length < argument.get<std::size_t>()) {
      return SchemaViolation{place.Pointer(), has + "at least " + argument.dump() + " expected"};
    }
    if (keyword == "maxLength" && length > argument.get<std::size_t>()) {
      return SchemaViolation{place.Pointer(), has + "at most " + argument.dump() + " allowed"};
    }
    if (keyword == "pattern" && length <= schema.at("maxLength").get<std::size_t>() &&
        !Matches(argument.get<std::string>(), text)) {
      return Wrong(text, "the form " + argument.get<std::string>(), place);
    }
    const bool is_date = keyword == "format" && argument == "date";
    const bool is_time = keyword == "format" && argument == "date-time";
    if ((is_date && !ParseDate(text)) || (is_time && !ParseDateTime(text))) {
      return Wrong(text, is_date ? "a date such as 2026-11-01" : "a date-time such as 2026-11-01T09:30:00Z", place);
    }
    return std::nullopt;
  }

  [[nodiscard]] Result CheckNumber(const std::string& keyword, const json& argument, const json& value,
                                   const Place& place) const {
    if (keyword == "minimum" && value < argument) return Wrong(value, "at least " + argument.dump(), place);
    if (keyword == "maximum" && value > argument) return Wrong(value, "at most " + argument.dump(), place);
    return std::nullopt;
  }

  [[nodiscard]] SchemaViolation Wrong(const json& value, const std::string& expected, const Place& place) const {
    std::string shown = std::string("is of type ") + value.type_name();
    if (shows_values_ && value.is_string()) shown = "is " + QuotedForMessage(value.get_ref<const std::string&>());
    if (shows_values_ && (value.is_number() || value.is_boolean())) shown = "is " + value.dump();
    if (!shows_values_ && !value.is_structured()) shown = "is not as expected";
    return {place.Pointer(), shown + ", " + expected + " expected"};
  }

  const json& root_;
  bool shows_values_;
};

constexpr std::array<std::string_view, 24> kKeywords = {
    "$schema", "$id",      "$defs",    "title",   "description", "$ref",      "type",       "const",
    "enum",    "allOf",    "anyOf",    "if",      "then",        "required",  "properties", "additionalProperties",
    "items",   "minItems", "maxItems", "minimum", "maximum",     "minLength", "maxLength",  "pattern"};

void CheckPattern(const json& schema) {
  const auto limit = schema.find("maxLength");
  if (limit == schema.end() || limit->get<std::size_t>() > kLongestPattern) {
    throw std::logic_error("schema: a pattern needs a maxLength of at most 256 beside it");
  }
  (void)Matches(schema.at("pattern").get<std::string>(), "");
}

// Throws for everything that Walk would pass over.
void CheckSchema(const json& schema, const json& root) {
  if (!schema.is_object()) throw std::logic_error("schema: " + schema.dump() + " is no object");
  for (const auto& [keyword, argument] : schema.items()) {
    if (keyword == "$ref") (void)root.at(json::json_pointer(argument.get<std::string>().substr(1)));
    if (keyword == "format" && (argument == "date-time" || argument == "date")) continue;
    if (std::find(kKeywords.begin(), kKeywords.end(), keyword) == kKeywords.end()) {
      throw std::logic_error("schema: keyword " + keyword + " is not known");
    }
    if (keyword == "additionalProperties" && (argument != false || !schema.contains("properties"))) {
      throw std::logic_error("schema: additionalProperties can only be false, beside properties");
    }
    if (keyword == "pattern") CheckPattern(schema);
    if (keyword == "if" && !schema.contains("then")) throw std::logic_error("schema: if without then");
    if (keyword == "items" || keyword == "if" || keyword == "then") CheckSchema(argument, root);
    if (keyword == "properties" || keyword == "$defs" || keyword == "allOf" || keyword == "anyOf") {
      for (const auto& part : argument) CheckSchema(part, root);
    }
  }
}

}  // namespace

JsonSchema::JsonSchema(std::string_view text) : schema_(json::parse(text)) {
  CheckSchema(schema_, schema_);
}

std::optional<SchemaViolation> JsonSchema::Check(const json& document, bool shows_values) const {
  return Walk(schema_, shows_values).Check(schema_, document, {});
}

std::string PointerTo(const std::string& parent, const std::string& name) {
  std::string shown = QuotedForMessage(name), step;
  std::erase(shown, '"');
  for (const char c : shown) step += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return parent + "/" + step;
}

std::string QuotedForMessage(const std::string& text) {
  const bool is_cut = text.size() > kLongestShown;
  const json shown = is_cut ? text.substr(0, kLongestShown) : text;
  return shown.dump(-1, ' ', /*ensure_ascii=*/true, json::error_handler_t::replace) + (is_cut ? "..." : "");
}

}  // namespace dinsd
