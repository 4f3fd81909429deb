#pragma once

#include <string>

namespace dinsd {

/// An SVG of ours as a PNG file, `width` pixels wide, on white. The words are set in the machine's sans-serif font, so
/// that bytes are the same on machines with the same fonts only. Throws std::runtime_error with the reason.
[[nodiscard]] std::string PngOfSvg(const std::string& svg, int width);

}  // namespace dinsd
