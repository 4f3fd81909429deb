#include "pipeline/report/safe_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "pipeline/read/code_points.h"

namespace dinsd {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Controls (C0 without tab and line feed, delete, C1), line separators and bidirectional controls.
bool IsHidden(std::uint32_t c) {
  if (c < 0x20) return c != '\t' && c != '\n';
  return (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

std::string ToChars(double value, std::chars_format format, int decimals) {
  std::array<char, 400> digits{};  // the largest double has 309 digits before the point
  const auto end = format == std::chars_format::fixed
                       ? std::to_chars(digits.data(), digits.data() + digits.size(), value, format, decimals)
                       : std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end.ptr};
}

}  // namespace

std::string CleanUtf8(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    std::uint32_t code_point = 0;
    const std::size_t length = SequenceLength(text, code_point);
    clean += length == 0 || IsHidden(code_point) ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

std::string CleanLine(std::string_view text) {
  std::string line;
  for (const char c : CleanUtf8(text)) {
    if (c == '\t' || c == '\n') {
      line += kReplacement;
    } else {
      line += c;
    }
  }
  return line;
}

std::string EscapeHtml(std::string_view text) {
  std::string escaped;
  for (const char c : CleanUtf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string CsvCell(std::string_view text) {
  // A carriage return is a control character elsewhere; here it decides whether a cell is dangerous.
  const bool is_formula = !text.empty() && std::string_view("=+-@\t\r\n").find(text[0]) != std::string_view::npos;
  std::string cell;
  if (is_formula) cell += '\'';
  cell += CleanUtf8(text);
  if (cell.find_first_of(",;\"\n\t") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string FixedDigits(double value, int decimals) {
  return std::isfinite(value) ? ToChars(value, std::chars_format::fixed, decimals) : "unknown";
}

std::string VolumeDigits(double volume_ml) {
  if (volume_ml == 0) return "0";
  return FixedDigits(volume_ml, volume_ml >= 100 ? 0 : volume_ml >= 10 ? 1 : volume_ml >= 1 ? 2 : 3);
}

std::string ExactDigits(double value) {
  return std::isfinite(value) ? ToChars(value, std::chars_format::general, 0) : "unknown";
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i) {
      group = (group << 8U) | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i > count ? '=' : kAlphabet[(group >> (18U - 6U * static_cast<unsigned>(i))) & 63U];
    }
  }
  return out;
}

}  // namespace dinsd
