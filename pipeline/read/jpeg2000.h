#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dinsd {

/// What a JPEG 2000 code stream of one grey image has to be.
struct Jpeg2000Image {
  int rows = 0, columns = 0;
  int max_bits = 16;  // per sample
  bool is_signed = false;
};

/// The samples of a JPEG 2000 code stream (ISO/IEC 15444-1, no JP2 file around it), row by row, by OpenJPEG. Size,
/// number of components and precision are read out of its header and compared with `expected` before memory is taken
/// for samples. Throws std::runtime_error with the reason: another image, or a broken or truncated code stream.
/// Thread-safe.
[[nodiscard]] std::vector<std::int32_t> DecodeJpeg2000(std::span<const std::byte> code_stream,
                                                       const Jpeg2000Image& expected);

}  // namespace dinsd
