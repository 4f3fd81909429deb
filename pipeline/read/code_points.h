#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dinsd {

/// Bytes of the well-formed UTF-8 sequence at the front of `text`, which is not empty (Unicode 15, table 3-7), and its
/// code point; 0 where there is none. Thread-safe.
[[nodiscard]] std::size_t SequenceLength(std::string_view text, std::uint32_t& code_point);

/// The first character of UTF-8 `text` that a reader cannot see or cannot tell from an ASCII blank: spaces and line
/// separators beyond ASCII, fillers, and all format characters, those that change the direction of text among them
/// (Unicode 15, general categories Zs, Zl, Zp, Cf, and Default_Ignorable_Code_Point). Control characters are not among
/// them. Bytes that are no UTF-8 are passed over. Thread-safe.
[[nodiscard]] std::optional<std::uint32_t> InvisibleIn(std::string_view text);

/// Whether there is nothing to see in UTF-8 `text`: it is empty, or holds nothing but ASCII blanks and characters that
/// InvisibleIn finds. Thread-safe.
[[nodiscard]] bool IsBlank(std::string_view text);

}  // namespace dinsd
