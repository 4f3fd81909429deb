#pragma once

#include <filesystem>

namespace dinsd {

/// Writes a weights file of width 2 with random values of `seed`, for grids of 8 mm: a study of a few thousand voxels
/// takes milliseconds.
void WriteTinyWeights(const std::filesystem::path& file, std::uint64_t seed);

}  // namespace dinsd
