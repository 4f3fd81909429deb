#include "pipeline/read/pseudonym.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "pipeline/read/code_points.h"

namespace dinsd {
namespace {

bool IsControl(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

std::string CodePointName(std::uint32_t code_point) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "U+%04X", static_cast<unsigned>(code_point));
  return text.data();
}

}  // namespace

std::string FaultOfPseudonym(const std::string& pseudonym) {
  std::string_view rest = pseudonym;
  while (!rest.empty()) {
    std::uint32_t code_point = 0;
    const std::size_t length = SequenceLength(rest, code_point);
    if (length == 0) return "is no UTF-8";
    if (IsControl(code_point)) return "holds a control character";
    rest.remove_prefix(length);
  }
  if (IsBlank(pseudonym)) return "is blank";
  const auto invisible = InvisibleIn(pseudonym);
  return invisible ? "holds a character that cannot be seen or told from a blank, " + CodePointName(*invisible) : "";
}

}  // namespace dinsd
