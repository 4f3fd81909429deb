#pragma once

#include <string>
#include <string_view>

namespace dinsd {

/// `text` as valid UTF-8 that shows what it holds: every byte that is not UTF-8, every control character but tab and
/// line feed, and every character that turns the direction of writing becomes U+FFFD. No result file shows a string of
/// an input without it.
[[nodiscard]] std::string CleanUtf8(std::string_view text);

/// Clean text on one line, for a terminal: tab and line feed become U+FFFD too.
[[nodiscard]] std::string CleanLine(std::string_view text);

/// Clean text for HTML, between tags or in a quoted attribute.
[[nodiscard]] std::string EscapeHtml(std::string_view text);

/// A clean CSV cell (RFC 4180). A cell that a spreadsheet would run as a formula (it begins with = + - @, tab, or a
/// line break) gets a ' in front; one with a separator, a quote or a line break is quoted.
[[nodiscard]] std::string CsvCell(std::string_view text);

/// Digits with a decimal point in every locale; `decimals` after it. "unknown" where the value is not finite.
[[nodiscard]] std::string FixedDigits(double value, int decimals);

/// A volume for people: three significant digits, at most three after the point; 0 is "0", so that 0.000 is a
/// small lesion.
[[nodiscard]] std::string VolumeDigits(double volume_ml);

/// Shortest digits that read back as the same number.
[[nodiscard]] std::string ExactDigits(double value);

/// RFC 4648, with padding.
[[nodiscard]] std::string Base64(std::string_view bytes);

}  // namespace dinsd
