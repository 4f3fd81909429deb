#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {

/// A .npy file (format 1.0, little endian, C order) read whole. Values are converted to double, which holds every
/// element type it may have: float32, float64, uint8, uint16, int16, int32, int64, bool.
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::string dtype;  // "f4", "f8", "u1", "u2", "i2", "i4", "i8", "b1"
  std::vector<double> values;

  [[nodiscard]] std::vector<float> AsFloat() const { return {values.begin(), values.end()}; }
  [[nodiscard]] std::vector<std::uint8_t> AsBytes() const { return {values.begin(), values.end()}; }
};

/// Throws std::runtime_error that names the file when it cannot be read, is no such array, or is not as long as it
/// says.
[[nodiscard]] NpyArray ReadNpy(const std::filesystem::path& path);

}  // namespace dinsd
