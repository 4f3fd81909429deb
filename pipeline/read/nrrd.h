#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// Reads the bytes of a .nrrd file (NRRD0001 to NRRD0005, teem.sourceforge.net/nrrd/format.html) into a volume in LPS.
/// Read are 3-D scalar images with the header in the file, encoding raw or gzip, either byte order, and a stated
/// patient space (RAS, LAS or LPS, by either name); a file that does not state one is refused, never guessed. Throws
/// InputError that names `file` and the field: NRRD_HEADER (no NRRD, a field that is missing, twice, unknown or not as
/// expected), NRRD_SPACE (no space, origin or directions of the patient), NRRD_SHEARED (axes not at right angles within
/// 0.1 degree), NRRD_UNITS (a unit other than mm), NRRD_ENCODING (another encoding), NRRD_DETACHED (the voxels are in
/// other files), NRRD_TRUNCATED, NRRD_NOT_FINITE, LIMIT_EXCEEDED. Thread-safe.
[[nodiscard]] Volume ReadNrrd(std::span<const std::byte> bytes, const std::string& file, const ReadLimits& limits = {});

/// The grid of such a file, once its voxels were counted: they are neither kept nor decoded. Throws as for a volume,
/// but for voxels that are no numbers.
[[nodiscard]] GridGeometry ReadNrrdGrid(std::span<const std::byte> bytes, const std::string& file,
                                        const ReadLimits& limits = {});

}  // namespace dinsd
