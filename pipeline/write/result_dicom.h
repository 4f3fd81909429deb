#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/report/report.h"
#include "pipeline/write/dicom_output_options.h"

namespace dinsd {

/// What a result's DICOM objects refer to, and which of them are wanted.
struct DicomOutput {
  std::vector<SourceSeries> series;  // as SeriesMasksOf: the one of the image, or the stations head to feet
  DicomOutputOptions options;
};

/// What is needed to write the DICOM objects of a result, from the headers of its image's files once more. Nothing
/// where none is wanted, and where none can be: an image that is no DICOM series, and, told among the warnings of
/// `result`, slices that were interpolated or a series without a frame of reference. Throws InputError
/// (ReadSourceSeries).
[[nodiscard]] std::optional<DicomOutput> DicomOutputOf(const std::filesystem::path& root, const ReadLimits& limits,
                                                       const DicomOutputOptions& options, StudyResult& result);

/// Writes the wanted DICOM objects of a result into `staging`/dicom, a folder that it makes: seg.dcm (seg-1.dcm,
/// seg-2.dcm, ... where there are more than options.max_segments lesions) and rtstruct.dcm, neither of an empty mask,
/// sr.dcm and sc.dcm. Of a study in stations each station's part of the mask has its own, seg-station-1.dcm
/// (seg-station-1-1.dcm, ...), rtstruct-station-1.dcm, ..., but a station without a voxel of it; report and picture are
/// of all stations together. Then reads every file from disk again and compares it with the result (CheckResultDicom).
/// Gives the names of the files relative to `staging`, sorted.
///
/// All UIDs are made of the series, `job_key`, the mask and the codes: the same result has the same UIDs, another
/// never. A lesion has one tracking in all objects. An object that would be larger than a reader takes is left out,
/// with those of its kind of other stations, and told among the warnings of `result`. Throws ReadBackError,
/// InputError, std::system_error, std::runtime_error.
[[nodiscard]] std::vector<std::string> WriteResultDicom(const std::filesystem::path& staging, const DicomOutput& dicom,
                                                        const ReportContext& context, const std::string& job_key,
                                                        StudyResult& result);

}  // namespace dinsd
