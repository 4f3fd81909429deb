#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dinsd {

/// An 8-bit picture, row by row from the top, samples of a pixel beside each other.
struct Picture {
  int width = 0;
  int height = 0;
  int channels = 1;  // 1 = grey, 3 = red, green, blue
  std::vector<std::uint8_t> samples;
};

/// The picture as a PNG file. Throws std::invalid_argument when the sizes do not fit together, std::runtime_error when
/// libpng refuses.
[[nodiscard]] std::string EncodePng(const Picture& picture);

/// The picture as an address that a page can hold in itself (data:image/png;base64,...).
[[nodiscard]] std::string PngDataUri(const Picture& picture);

}  // namespace dinsd
