#include "pipeline/read/code_points.h"

#include <algorithm>
#include <array>

namespace dinsd {
namespace {

struct Range {
  std::uint32_t first, last;
};

constexpr std::array<Range, 30> kInvisible = {{
    {0xA0, 0xA0},                            // no-break space
    {0xAD, 0xAD},                            // soft hyphen
    {0x34F, 0x34F},                          // grapheme joiner
    {0x600, 0x605},                          // Arabic number signs
    {0x61C, 0x61C},                          // Arabic letter mark
    {0x6DD, 0x6DD},                          // Arabic end of ayah
    {0x70F, 0x70F},                          // Syriac abbreviation mark
    {0x890, 0x891},                          // Arabic currency marks
    {0x8E2, 0x8E2},                          // Arabic disputed end of ayah
    {0x115F, 0x1160},                        // Hangul fillers
    {0x1680, 0x1680},                        // Ogham space
    {0x17B4, 0x17B5},                        // Khmer inherent vowels
    {0x180B, 0x180F},                        // Mongolian variation selectors and vowel separator
    {0x2000, 0x200F},                        // spaces of all widths, zero width ones, direction marks
    {0x2028, 0x202F},                        // separators of lines and paragraphs, embeddings, narrow no-break space
    {0x205F, 0x206F},                        // mathematical space, word joiner, invisible operators, isolates
    {0x2800, 0x2800},                        // blank Braille pattern
    {0x3000, 0x3000},                        // ideographic space
    {0x3164, 0x3164},                        // Hangul filler
    {0xFE00, 0xFE0F},                        // variation selectors
    {0xFEFF, 0xFEFF},                        // byte order mark
    {0xFFA0, 0xFFA0},                        // half-width Hangul filler
    {0xFFF0, 0xFFFB},                        // interlinear annotations
    {0x110BD, 0x110BD},                      // Kaithi number signs
    {0x110CD, 0x110CD}, {0x13430, 0x1343F},  // Egyptian joiners
    {0x1BCA0, 0x1BCA3},                      // shorthand format controls
    {0x1D159, 0x1D159},                      // null notehead
    {0x1D173, 0x1D17A},                      // musical beams and slurs
    {0xE0000, 0xE0FFF},                      // tags and further variation selectors
}};

bool IsInvisible(std::uint32_t c) {
  return std::any_of(kInvisible.begin(), kInvisible.end(), [c](const Range& r) { return c >= r.first && c <= r.last; });
}

}  // namespace

std::size_t SequenceLength(std::string_view text, std::uint32_t& code_point) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    code_point = lead;
    return 1;
  }
  const std::size_t length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  code_point = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
    code_point = (code_point << 6U) | (byte(i) & 0x3FU);
  }
  const std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  return code_point < smallest[length] || is_surrogate || code_point > 0x10FFFF ? 0 : length;
}

std::optional<std::uint32_t> InvisibleIn(std::string_view text) {
  while (!text.empty()) {
    std::uint32_t code_point = 0;
    const std::size_t length = SequenceLength(text, code_point);
    if (length > 0 && IsInvisible(code_point)) return code_point;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return std::nullopt;
}

bool IsBlank(std::string_view text) {
  while (!text.empty()) {
    std::uint32_t code_point = 0;
    const std::size_t length = SequenceLength(text, code_point);
    if (length == 0 || (code_point != ' ' && !IsInvisible(code_point))) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace dinsd
