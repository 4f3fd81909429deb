#pragma once

#include <filesystem>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Reads an image file whose voxels are whole numbers from 0 to 65535 as a label map. Throws InputError that names the
/// file: LABEL_VALUE (a voxel that is no such number) and those of ReadVolumeFile.
[[nodiscard]] LabelMap ReadLabelFile(const std::filesystem::path& path, const ReadLimits& limits = {});

}  // namespace dinsd
