#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// One case as training reads it: image and mask on the network grid (depth even, rows and columns multiples of 16),
/// axis order z y x, the image normalised as the weights' manifest says.
struct PreparedCase {
  std::string set;    // such as "sts_mr"
  std::string name;   // the case's name in splits.csv
  std::string split;  // "train", "choose" or "val"
  Size3 size;
  std::vector<float> image;
  std::vector<std::uint8_t> mask;  // 1 = tumour
  Size3 image_size;                // of the image that it was made from, z y x, and that one's spacing: for a sigma
  Vec3 image_spacing_mm;           // in image voxels or mm; 0 where they are not known (cases of earlier versions)
};

/// Writes a case: magic "DINSCAS1", length of a JSON header (32 bit), the header, the image as float16, the mask.
/// Throws std::runtime_error that names the file.
void WriteCase(const std::filesystem::path& path, const PreparedCase& prepared);

/// Reads it back. Throws std::runtime_error that names the file when it is no case, is cut off, or holds a value that
/// is not finite or a mask that is not 0 or 1.
[[nodiscard]] PreparedCase ReadCase(const std::filesystem::path& path);

/// Every *.case of a folder, sorted by file name. Throws std::runtime_error when there is none.
[[nodiscard]] std::vector<PreparedCase> ReadCases(const std::filesystem::path& folder);

}  // namespace dinsd
