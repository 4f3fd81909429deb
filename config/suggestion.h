#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dinsd {

/// How many letters must be changed, added, left out or swapped with their neighbour to make `b` of `a`.
[[nodiscard]] std::size_t EditDistance(std::string_view a, std::string_view b);

/// The word that was probably meant: the nearest, if it is near enough to be a slip of the hand.
[[nodiscard]] std::optional<std::string> NearestWord(std::string_view word, const std::vector<std::string>& known);

}  // namespace dinsd
