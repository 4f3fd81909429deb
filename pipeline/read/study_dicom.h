#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/read/study.h"

namespace dinsd {

/// Brings the DICOM among `files` into `study`: identity, an image per series, digests, the choice. Everything that is
/// no image of a series goes to other_files, or, beside images, to mask_files if its class is that of a mask. False,
/// with nothing but other_files changed, where no file is a DICOM image.
/// Throws InputError for what concerns the whole study: IDENTITY_CONFLICT (also between DICOM and what `study.identity`
/// already says), LIMIT_EXCEEDED, VOLUME_UNREADABLE, or the error of a broken file that may be any slice. What speaks
/// against the study date at `unix_now` or against PatientID (it is blank to the eye, or study.json has another
/// pseudonym) becomes a note of every image.
bool InspectDicomFiles(const std::filesystem::path& root, const std::vector<std::string>& files,
                       const StudyReadOptions& options, std::int64_t unix_now, InspectedStudy& study);

/// Decodes a DICOM image. Throws InputError of ReadDicomSeries.
[[nodiscard]] Volume ReadDicomImage(const std::filesystem::path& root, const StudyImage& image,
                                    const StudyReadOptions& options);

}  // namespace dinsd
