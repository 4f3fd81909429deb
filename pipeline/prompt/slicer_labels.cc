#include "pipeline/prompt/slicer_labels.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace dinsd {
namespace {

constexpr std::array<std::string_view, 5> kNegativeWords = {"neg", "negative", "background", "bg", "minus"};

// Dashes, signs, blanks and letters of UTF-8 that people take for those of ASCII.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kSameAsAscii = {
    {{"\u2010", "-"}, {"\u2011", "-"}, {"\u2012", "-"}, {"\u2013", "-"}, {"\u2014", "-"}, {"\u2015", "-"},
     {"\u2212", "-"}, {"\u2796", "-"}, {"\u207b", "-"}, {"\u208b", "-"}, {"\ufe58", "-"}, {"\ufe63", "-"},
     {"\uff0d", "-"}, {"\uff0b", "+"}, {"\u2795", "+"}, {"\u207a", "+"}, {"\u00a0", " "}, {"\u2009", " "},
     {"\u202f", " "}, {"\u00e9", "e"}, {"\u00c9", "e"}}};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsBlank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;  // of lower case, and all beyond ASCII
}

std::string Trimmed(const std::string& text) {
  const auto begin = std::find_if_not(text.begin(), text.end(), IsBlank);
  const auto end = std::find_if_not(text.rbegin(), std::make_reverse_iterator(begin), IsBlank).base();
  return {begin, end};
}

std::string Plain(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    const auto* same = std::find_if(kSameAsAscii.begin(), kSameAsAscii.end(),
                                    [&](const auto& pair) { return rest.starts_with(pair.first); });
    const std::string_view take = same == kSameAsAscii.end() ? rest.substr(0, 1) : same->second;
    for (const char c : take) plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    i += same == kSameAsAscii.end() ? 1 : same->first.size();
  }
  return Trimmed(plain);
}

std::vector<std::string> Words(const std::string& plain) {
  std::vector<std::string> words(1);
  for (const char c : plain) {
    if (IsLetter(c)) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

bool SoundsNegative(const std::string& word) {
  return word.starts_with("neg") || word.starts_with("backgr") || word.starts_with("minus") ||
         word.starts_with("hintergrund") || word == "bg" || word == "bgr" || word == "bkg" || word == "bkgd" ||
         word == "bgd";
}

// Words that take something out, which is no sign that we know: "not tumour", "outside", "excluded".
bool TakesOut(const std::vector<std::string>& words, const std::string& plain) {
  for (const std::string& word : words) {
    if (word == "not" || word == "non" || word == "outside" || word == "healthy" || word.starts_with("exclu")) {
      return true;
    }
    if (word == "no" && (&word != &words.back() || !IsDigit(plain.back()))) return true;  // else it is for "number"
  }
  return false;
}

bool SoundsPositive(const std::string& plain) {
  const std::vector<std::string> words = Words(plain);
  return plain.find('+') != std::string::npos || std::any_of(words.begin(), words.end(), [](const std::string& word) {
           return word == "pos" || word.starts_with("positiv");
         });
}

// "-", "-1", "- 2".
bool IsMinus(const std::string& plain) {
  if (!plain.starts_with('-')) return false;
  const std::string number = Trimmed(plain.substr(1));
  return std::all_of(number.begin(), number.end(), IsDigit);
}

// One of our words, with or without a number after it.
bool IsNegativeWord(const std::string& plain) {
  const std::string word = plain.substr(0, plain.find_last_not_of("0123456789") + 1);
  const std::string core = word.substr(0, word.find_last_not_of(" _-.#:") + 1);
  return std::find(kNegativeWords.begin(), kNegativeWords.end(), core) != kNegativeWords.end();
}

// A dash that neither joins two words ("F-1", "F (left)-1") nor parts them ("F - 1"). The last character is looked at
// elsewhere.
bool HasOddDash(const std::string& plain) {
  const auto ends = [](char c) { return !IsBlank(c) && std::string_view("-+/([{=:,;").find(c) == std::string::npos; };
  const auto begins = [](char c) { return IsLetter(c) || IsDigit(c) || c == '_'; };
  for (std::size_t i = plain.find('-'); i != std::string::npos && i + 1 < plain.size(); i = plain.find('-', i + 1)) {
    if (i == 0) return true;
    const char before = plain[i - 1], after = plain[i + 1];
    if (!(ends(before) && begins(after)) && !(IsBlank(before) && IsBlank(after))) return true;
  }
  return false;
}

WordsOfSign SignIn(const std::string& plain, bool dashes_count) {
  const std::vector<std::string> words = Words(plain);
  const bool ends_in_dash = dashes_count && plain.ends_with('-');
  if (IsMinus(plain) || IsNegativeWord(plain)) return WordsOfSign::kNegative;
  if (TakesOut(words, plain) || std::any_of(words.begin(), words.end(), SoundsNegative)) return WordsOfSign::kDoubtful;
  if (dashes_count && HasOddDash(plain)) return WordsOfSign::kDoubtful;
  if (!SoundsPositive(plain)) return ends_in_dash ? WordsOfSign::kNegative : WordsOfSign::kNothing;
  return ends_in_dash ? WordsOfSign::kDoubtful : WordsOfSign::kPositive;
}

}  // namespace

WordsOfSign SignInLabel(const std::string& label) {
  return SignIn(Plain(label), true);
}

WordsOfSign SignInName(const std::string& name) {
  const std::string plain = Plain(name);
  return plain.ends_with('-') && !IsMinus(plain) ? WordsOfSign::kDoubtful : SignIn(plain, true);
}

WordsOfSign SignInDescription(const std::string& description) {
  return SignIn(Plain(description), false);
}

bool IsDashAndNumber(const std::string& label) {
  const std::string plain = Plain(label);
  return IsMinus(plain) && plain.size() > 1;
}

}  // namespace dinsd
