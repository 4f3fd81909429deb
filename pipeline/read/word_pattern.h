#pragma once

#include <string>

namespace dinsd {

/// Whether `pattern` is a POSIX extended regular expression that MatchesWord takes: without references to a group,
/// which can take for ever, and without escapes that POSIX does not have (such as \d, which would be read as a d).
[[nodiscard]] bool IsWordPattern(const std::string& pattern);

/// Whether all of `word` matches `pattern`, in any case of letters. Its time is bounded by the lengths of the two: no
/// word in a header can hold up who asks. False where IsWordPattern is.
[[nodiscard]] bool MatchesWord(const std::string& pattern, const std::string& word);

}  // namespace dinsd
