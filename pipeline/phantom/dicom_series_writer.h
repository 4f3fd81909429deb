#pragma once

#include <filesystem>

#include "pipeline/phantom/phantom.h"

namespace dinsd {

/// Writes the phantom's image as a classic MR series (MR Image Storage, explicit VR little endian), one file a slice:
/// IM0001.dcm, IM0002.dcm, ... from front to back. UIDs, dates and pseudonym are those of IdentityOf(phantom.options);
/// a file depends on nothing else. Throws std::runtime_error that names a file that cannot be written.
void WriteDicomSeries(const Phantom& phantom, const std::filesystem::path& folder);

}  // namespace dinsd
