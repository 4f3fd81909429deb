#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Reads the bytes of a .mha file (MetaImage, as ITK 5 writes it) into a volume; its world is LPS. Read are 3-D scalar
/// images with the voxels in the file (ElementDataFile = LOCAL), binary, compressed or not, in either byte order. Where
/// the voxels are must be stated by TransformMatrix (axis after axis), Offset and ElementSpacing; CenterOfRotation and
/// AnatomicalOrientation say nothing beyond them, as in ITK, and keys of the file's own are ignored. Throws InputError
/// that names `file` and the field: MHA_HEADER (no MetaImage, a field that is missing, twice or not as expected),
/// MHA_SPACE (no matrix or offset), MHA_SHEARED (axes not at right angles within 0.1 degree), MHA_UNITS (a unit other
/// than mm), MHA_ENCODING (voxels as text, several channels, intensities that are to be scaled), MHA_DETACHED (voxels
/// in other files), MHA_TRUNCATED, MHA_NOT_FINITE, LIMIT_EXCEEDED. Thread-safe.
[[nodiscard]] Volume ReadMetaImage(std::span<const std::byte> bytes, const std::string& file,
                                   const ReadLimits& limits = {});

/// The grid of such a file, once its voxels were counted: they are neither kept nor decoded. Throws as for a volume,
/// but for voxels that are no numbers.
[[nodiscard]] GridGeometry ReadMetaImageGrid(std::span<const std::byte> bytes, const std::string& file,
                                             const ReadLimits& limits = {});

}  // namespace dinsd
