#pragma once

#include <cstdint>
#include <stdexcept>

namespace dinsd {

/// Bounds on what one image may take; they hold before memory is taken.
struct ReadLimits {
  std::uint64_t max_file_bytes = std::uint64_t{4} << 30;  // of one file on disk
  std::uint64_t max_voxels = std::uint64_t{512} << 20;    // of one volume
  std::uint64_t max_files = 20'000;                       // of one study

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (max_file_bytes < 1) throw std::invalid_argument("max_file_bytes must be at least 1");
    if (max_voxels < 1) throw std::invalid_argument("max_voxels must be at least 1");
    if (max_files < 1) throw std::invalid_argument("max_files must be at least 1");
  }
};

}  // namespace dinsd
