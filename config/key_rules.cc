#include "config/key_rules.h"

#include <algorithm>
#include <cctype>

namespace dinsd {

bool IsSourceName(const std::string& text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '-';
  });
}

bool IsAeTitle(const std::string& text) {
  return !text.empty() && text.size() <= 16 && text.front() != ' ' && text.back() != ' ' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c < 127 && c != '\\'; });
}

}  // namespace dinsd
