#include "pipeline/read/word_pattern.h"

#include <regex.h>

#include <array>
#include <cctype>
#include <cstring>

namespace dinsd {
namespace {

// Letters that may follow a backslash: GNU's classes of word characters and blanks, and the edges of words.
constexpr const char* kEscapes = "wWsSbB";

bool HasForeignEscape(const std::string& pattern) {
  for (std::size_t i = 0; i + 1 < pattern.size(); ++i) {
    if (pattern[i] != '\\') continue;
    ++i;  // what is escaped
    if (std::isalnum(static_cast<unsigned char>(pattern[i])) != 0 && std::strchr(kEscapes, pattern[i]) == nullptr)
      return true;
  }
  return false;
}

class Compiled {
 public:
  explicit Compiled(const std::string& pattern)
      : is_good_(::regcomp(&regex_, pattern.c_str(), REG_EXTENDED | REG_ICASE | REG_NOSUB) == 0) {}
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (is_good_) ::regfree(&regex_);
  }

  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] bool Matches(const std::string& word) const {
    std::array<regmatch_t, 1> range{{{0, static_cast<regoff_t>(word.size())}}};  // the word may hold zero bytes
    return is_good_ && ::regexec(&regex_, word.c_str(), range.size(), range.data(), REG_STARTEND) == 0;
  }

 private:
  regex_t regex_{};
  bool is_good_;
};

}  // namespace

// As it stands, too: what is good in brackets only, such as "a)|(b", would match parts of words.
bool IsWordPattern(const std::string& pattern) {
  return !HasForeignEscape(pattern) && pattern.find('\0') == std::string::npos && Compiled(pattern).is_good() &&
         Compiled("^(" + pattern + ")$").is_good();
}

bool MatchesWord(const std::string& pattern, const std::string& word) {
  return IsWordPattern(pattern) && Compiled("^(" + pattern + ")$").Matches(word);
}

}  // namespace dinsd
