#pragma once

#include <filesystem>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Reads one image file into a volume in LPS: NIfTI-1 (.nii, .nii.gz). Throws InputError that names the file:
/// VOLUME_FORMAT (an ending that is not read), VOLUME_UNREADABLE (the file cannot be opened or is no regular file),
/// LIMIT_EXCEEDED, and those of ReadNifti.
[[nodiscard]] Volume ReadVolumeFile(const std::filesystem::path& path, const ReadLimits& limits = {});

}  // namespace dinsd
