#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/segment/study_result.h"
#include "pipeline/write/dicom_output_options.h"
#include "pipeline/write/dicom_seg.h"
#include "pipeline/write/dicom_sr.h"

namespace dinsd {

/// The objects of a result that refer to one source series.
struct SeriesObjects {
  std::string series_uid;        // of the source
  std::vector<WrittenSeg> segs;  // empty: it has no voxel of the mask, or segmentations are not wanted
  std::string rtstruct;          // the file's name; empty: likewise
};

/// The code of a lesion's type ("plexiform", "discrete"); nothing for any other word.
[[nodiscard]] std::optional<DicomCode> KindCodeOf(const std::string& type, const DicomCodes& codes);

/// The segments of label `label`: one of each series that has a voxel of it, in the order of the series.
[[nodiscard]] std::vector<SrSegment> SegmentsOf(const std::vector<SeriesObjects>& series, std::uint16_t label);

/// What the structured report of a result says. `lesions` are those of TrackedLesionsOf; behind them come those of the
/// prior study that today's has no lesion of (ComparisonOf), which have no volume. One of them without a tracking UID,
/// or with that of another lesion, is told among the remarks instead.
[[nodiscard]] SrContent SrContentOf(const StudyResult& result, const std::vector<SegLesion>& lesions,
                                    const std::vector<SeriesObjects>& series, const DicomOutputOptions& options);

}  // namespace dinsd
