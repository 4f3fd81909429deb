#pragma once

#include <filesystem>
#include <vector>

namespace dinsd {

/// Draws DSC over the number of clicks as an SVG picture: dice[n] after click n + 1, in [0, 1]. Throws
/// std::runtime_error when the file cannot be written.
void DrawDice(const std::vector<double>& dice, const std::filesystem::path& svg);

}  // namespace dinsd
