#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace dinsd {

/// What is wrong with a document, and where.
struct SchemaViolation {
  std::string pointer;   // JSON pointer (RFC 6901), empty for the document itself
  std::string sentence;  // such as `is "x", one of "+", "-" expected`
};

/// A checker that is driven by the JSON Schema (draft 2020-12) which is shipped with the program, so that schema and
/// code cannot disagree. It knows the keywords type, const, enum, required, properties, additionalProperties (false),
/// anyOf, allOf, if/then, items, minItems, maxItems, minimum, maximum, minLength, maxLength, pattern, format (date-time
/// and date, asserted) and $ref to #/$defs; a schema that uses another one does not load.
class JsonSchema {
 public:
  /// Throws std::logic_error for a schema that it cannot hold to: an unknown keyword, a $ref that leads nowhere, a
  /// pattern without a maxLength of at most 256 beside it (a hostile string must not reach the pattern).
  explicit JsonSchema(std::string_view text);

  /// The first violation, if any. With `shows_values` the sentence repeats short values (never more than 64
  /// characters). Thread-safe.
  [[nodiscard]] std::optional<SchemaViolation> Check(const nlohmann::json& document, bool shows_values) const;

  [[nodiscard]] const nlohmann::json& schema() const { return schema_; }

 private:
  nlohmann::json schema_;
};

/// The JSON pointer (RFC 6901) of the member or element `name` of what `parent` points to. Strangers choose names: they
/// are escaped and cut as by QuotedForMessage.
[[nodiscard]] std::string PointerTo(const std::string& parent, const std::string& name);

/// A text as it may stand in a message: JSON-quoted ASCII, cut after 64 characters.
[[nodiscard]] std::string QuotedForMessage(const std::string& text);

}  // namespace dinsd
