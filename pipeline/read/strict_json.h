#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/read/input_error.h"
#include "pipeline/read/json_schema.h"

namespace dinsd {

/// One kind of JSON document that strangers send: its schema, the names of its errors and its bounds.
struct JsonKind {
  const JsonSchema& schema;
  const char* bad_schema;  // code: no JSON, not UTF-8, a key twice, too deep, too large, against the schema
  const char* not_finite;  // code: NaN, Infinity or a number beyond double
  InputVerdict verdict;
  bool shows_values;  // an error may repeat the value at fault: false where that may be patient data
  std::size_t max_bytes = std::size_t{16} << 20;
};

inline constexpr std::size_t kMaxJsonDepth = 64;

/// Parses and checks a document of that kind. Throws InputError that names `file` and, as its field, the JSON pointer.
/// Thread-safe.
[[nodiscard]] nlohmann::json ParseStrictJson(std::span<const std::byte> bytes, const std::string& file,
                                             const JsonKind& kind);

/// The InputError of `kind` for what is wrong at `pointer`.
[[noreturn]] void RefuseJson(const JsonKind& kind, const std::string& file, const std::string& pointer,
                             const std::string& sentence);

}  // namespace dinsd
