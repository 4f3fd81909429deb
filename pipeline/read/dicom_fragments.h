#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/dicom_prescan.h"

namespace dinsd {

/// The code stream of each frame of encapsulated PixelData (DICOM PS3.5 A.4) of a file that passed the pre-scan: the
/// fragments that the Basic Offset Table gives to it, or one each where there is no table, or all of them where there
/// is one frame. Throws InputError UNDECODABLE where the fragments cannot be told apart by frame, or a frame has none.
[[nodiscard]] std::vector<std::vector<std::byte>> CodeStreams(std::span<const std::byte> bytes,
                                                              const DicomLayout& layout, std::size_t frames,
                                                              const std::string& file);

}  // namespace dinsd
