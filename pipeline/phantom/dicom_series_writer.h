#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "pipeline/phantom/phantom.h"

namespace dinsd {

/// What tells one series of a phantom's study from the others.
struct DicomSeriesFacts {
  std::string series_uid;
  int series_number = 1;
  std::string description = "COR STIR WHOLE BODY";
  std::string image_type = "ORIGINAL\\PRIMARY\\OTHER";
  std::string instance_key;           // of the UIDs of its instances
  std::int64_t instances_before = 0;  // of the same series
  std::string file_prefix = "IM";
};

/// Writes an image of the phantom as a classic MR series (MR Image Storage, explicit VR little endian), one file a
/// slice: IM0001.dcm, IM0002.dcm, ... from front to back. Dates and pseudonym are those of IdentityOf(options); a file
/// depends on nothing else. Throws std::runtime_error that names a file that cannot be written.
void WriteDicomSeries(const PhantomOptions& options, const Volume& image, const DicomSeriesFacts& facts,
                      const std::filesystem::path& folder);

}  // namespace dinsd
