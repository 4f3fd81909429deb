#pragma once

#include <filesystem>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// The voxels of a volume as labels. Throws InputError LABEL_VALUE that names `file` where a voxel is no whole number
/// from 0 to 65535.
[[nodiscard]] LabelMap LabelsOf(const Volume& volume, const std::string& file);

/// Reads an image file whose voxels are whole numbers from 0 to 65535 as a label map. Throws InputError that names the
/// file: LABEL_VALUE (a voxel that is no such number) and those of ReadVolumeFile.
[[nodiscard]] LabelMap ReadLabelFile(const std::filesystem::path& path, const ReadLimits& limits = {});

}  // namespace dinsd
