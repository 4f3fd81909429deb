#pragma once

#include <filesystem>

namespace dinsd {

/// Draws a training's log.csv as an SVG: the loss over the steps (grey, left axis) and the mean DSC of the cases kept
/// for choosing after 1, 5 and 10 clicks and of lesions (right axis, 0 to 1). Throws std::runtime_error that names the
/// file.
void DrawTraining(const std::filesystem::path& log_csv, const std::filesystem::path& svg);

}  // namespace dinsd
