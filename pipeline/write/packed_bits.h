#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace dinsd {

/// Packs one-bit pixels as DICOM stores them (PS3.5 8.1.1, annex D): the first pixel in the lowest bit of the first
/// byte, frame after frame without a gap, whatever their size.
class PackedBits {
 public:
  explicit PackedBits(std::size_t pixels) { bytes_.reserve(pixels / 8 + 2); }

  void Append(bool pixel) {
    if (pixels_ % 8 == 0) bytes_.push_back(0);
    if (pixel) bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | 1U << (pixels_ % 8));
    ++pixels_;
  }

  /// All bytes, with a zero byte at the end where their number would be odd.
  [[nodiscard]] std::vector<std::uint8_t> Take() {
    if (bytes_.size() % 2 == 1) bytes_.push_back(0);
    return std::move(bytes_);
  }

 private:
  std::size_t pixels_ = 0;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace dinsd
