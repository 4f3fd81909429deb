#pragma once

#include <filesystem>

#include "pipeline/read/volume.h"

namespace dinsd {

/// Writes a volume as a single-file NIfTI-1 image, gzip-compressed where the name ends in .gz: int16 where every voxel
/// is a whole number of that range, else float32. Geometry in mm, LPS becomes RAS; sform and qform are both set (code
/// 1) and equal, but for a rotation so near half a turn that a float32 quaternion misses it by more than 0.05 mm at a
/// corner: then sform alone is set. The same volume gives the same bytes (no time stamp, no name). The caller syncs the
/// file. Throws std::invalid_argument when the grid does not fit NIfTI-1 (a size outside 1 .. 32767, another number of
/// voxels than the grid has, a geometry that is not finite) and std::runtime_error that names the file when it cannot
/// be written.
void WriteNifti(const std::filesystem::path& path, const Volume& volume);

/// The same for a label map, as uint16.
void WriteNifti(const std::filesystem::path& path, const LabelMap& map);

}  // namespace dinsd
