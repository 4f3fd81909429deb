#pragma once

#include <string>

namespace dinsd {

/// What a person's words say about the sign of clicks.
enum class WordsOfSign { kNothing, kPositive, kNegative, kDoubtful };

/// The label of a point. Upper case, blanks at the ends and the kind of dash do not
/// matter. Negative: "neg", "negative", "background", "bg", "minus" or "-", each with or without a number after it
/// ("neg-2", "-1"), and whatever ends in "-". Positive: where "+", "pos" or "positive" is in it. Doubtful: another text
/// with a word of the negative kind ("L1 negative"), with one that takes something out ("not tumour", "outside"), with
/// a dash that neither joins nor parts two words ("L1 -1"), and "-" at the end of a positive text. Nothing: all else,
/// such as 3D Slicer's own "F-1". Thread-safe.
[[nodiscard]] WordsOfSign SignInLabel(const std::string& label);

/// The same of the name of a list of points; there a "-" at the end of others is doubtful.
[[nodiscard]] WordsOfSign SignInName(const std::string& name);

/// The same of a description, which is free text: its dashes mean nothing, but where it is no more than one, with or
/// without a number after it.
[[nodiscard]] WordsOfSign SignInDescription(const std::string& description);

/// Whether a label is a dash and a number, which 3D Slicer makes by itself of a list whose name is empty.
[[nodiscard]] bool IsDashAndNumber(const std::string& label);

}  // namespace dinsd
