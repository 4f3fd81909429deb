#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/segment/study_result.h"
#include "pipeline/write/dicom_output_options.h"
#include "pipeline/write/result_sr.h"

namespace dinsd {

/// The DICOM objects of a result, by their names in its folder dicom/.
struct DicomFiles {
  std::vector<SeriesObjects> series;  // as SeriesMasksOf
  std::string sr, capture;            // of all series together; empty: none
};

/// Their names relative to the result's folder, sorted.
[[nodiscard]] std::vector<std::string> NamesOf(const DicomFiles& files);

/// Reads the files of `folder` as any reader would and holds them against the result. Of each source series (`series`,
/// in the order of SeriesMasksOf) the segmentations together, and the RT Structure Set, must give its mask at every
/// voxel, each segment under its lesion's tracking; where one series has a segmentation, no other whose mask holds a
/// voxel may lack it, and so of structure sets. The structured report must have every lesion once, with the volume, the
/// tracking and the segments that it has and all that compares it with the prior study, and the total; the capture must
/// show the picture of the result. Throws ReadBackError that names the file and the first difference.
void CheckResultDicom(const std::filesystem::path& folder, const DicomFiles& files,
                      const std::vector<SourceSeries>& series, const StudyResult& result,
                      const DicomOutputOptions& options);

}  // namespace dinsd
