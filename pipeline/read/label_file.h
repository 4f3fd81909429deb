#pragma once

#include <filesystem>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// The voxels of a volume as labels, or as a mask with one. Throws InputError that names `file`: LABEL_VALUE where a
/// voxel is no whole number from 0 to 65535, with voxel and value; NOT_A_MASK, with the figures, for an image that was
/// taken for a mask: it has more than 4096 different values above 0, or more than 16 of which most neighbours differ.
[[nodiscard]] LabelMap LabelsOf(const Volume& volume, const std::string& file);

/// Reads an image file whose voxels are whole numbers from 0 to 65535 as a label map. Throws InputError that names the
/// file: LABEL_VALUE and NOT_A_MASK as LabelsOf, and those of ReadVolumeFile.
[[nodiscard]] LabelMap ReadLabelFile(const std::filesystem::path& path, const ReadLimits& limits = {});

}  // namespace dinsd
