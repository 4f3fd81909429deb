#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/object_part.h"
#include "pipeline/read/dicom_measurements.h"
#include "pipeline/read/dicom_source.h"
#include "pipeline/write/dicom_output_options.h"
#include "pipeline/write/dicom_seg.h"

namespace dinsd {

/// One more number of a group.
struct SrFigure {
  DicomCode what;
  std::string digits;  // a decimal string, as it stands in the report
  DicomCode unit;
  std::vector<ObjectPart> sources = {};  // that it was measured in, of this study or of another one
  bool is_total = false;                 // it has the derivation Total
};

/// A code or a text about a lesion, under a concept of kOwnCodingScheme.
struct SrEvaluation {
  DicomCode what;
  std::optional<DicomCode> code;  // nothing: `text`
  std::string text;               // cut at kSrEvaluation characters
};
inline constexpr std::size_t kSrEvaluation = 256;

/// A lesion beside the same one in a prior study; empty without a prior.
struct SrComparison {
  std::vector<SrFigure> figures;
  std::vector<SrEvaluation> evaluations;
};

/// One lesion as a structured report measures it.
struct SrLesion {
  SegLesion lesion;                 // name, tracking, site, side
  std::optional<double> volume_ml;  // nothing: one of the prior study that was not measured in this one
  std::optional<DicomCode> kind;    // plexiform or discrete
  std::vector<SrSegment> segments;  // one of each series that the lesion has voxels in; empty: it has none
  std::string series_uid;           // of the one segment: the series that it was made from
  SrComparison comparison;
  std::optional<SrTimePoint> time_point = {};  // of a report over several timepoints
  bool is_found = false;                       // it has a finding, though its volume stands among `comparison.figures`
};

/// TrackingID of the group that has the total.
inline constexpr const char* kSrTotalId = "Total of all lesions";

/// What a structured report says of one result, or of several timepoints.
struct SrContent {
  std::vector<SrLesion> lesions;
  double total_ml = 0;
  bool has_total = true;               // else no group has total_ml: totals are among `lesions`
  std::vector<std::string> remarks;    // sentences for people
  std::vector<WrittenSeg> segs;        // the segmentations that the lesions refer to
  std::string title = "measurements";  // of SeriesDescription, see TitleOf
  std::string series_number = "9002";
};

/// Writes measurements as Enhanced SR with the template TID 1500, as the bytes of a Part 10 file.
///
/// Each lesion with one segment is a group of TID 1411 (tracking as in the segmentation, finding, site and side, the
/// segment and the series, Volume in mL with name and digest of the network's weights). Such a group has one segment
/// and no more, so a lesion that lies in several series (a seam of stations goes through it) is a group of TID 1501:
/// one volume, of all of it, with its segment of each series as the image that this number was inferred from (Source of
/// Measurement, TID 300 and 320), under the tracking that all these segments have. A lesion without a segment is a
/// group of TID 1501 too, and so is the total of all, the last, whose volume has the derivation Total. 1 mL = 1 cm3. A
/// volume stands there as decimal string of at most 16 characters and, exactly, as binary double. What compares a
/// lesion with a prior follows its volume: further measurements, then evaluations. The sources of such a measurement
/// are what it was INFERRED FROM (Source of Measurement): IMAGE of a segmentation with its segment, COMPOSITE of any
/// other class (readers that do not know label maps refuse a report with an IMAGE of one); they stand among the
/// Pertinent Other Evidence, those of the study of `series` and all other objects among that of the current procedure.
/// A lesion without a volume has a group of TID 1501 with these alone, tracking and site, and no finding: none was made
/// of it. The image library names every image of every series, a group each; without an image there is none. A group of
/// a timepoint says so by Time Point Context (TID 1502: date, Study Instance UID, order). CompletionFlag is COMPLETE
/// (every lesion is there), VerificationFlag UNVERIFIED (no person signed), PreliminaryFlag as facts.is_preliminary.
/// Everything in the file follows from the arguments alone; UIDs are made of facts.key (where that is empty, of
/// everything else that the file says) and the first series, which patient and study are copied from.
///
/// Throws std::invalid_argument without a series, std::runtime_error where the library refuses a value. Thread-safe.
[[nodiscard]] std::string MeasurementsToSr(const SrContent& content, const std::vector<SourceSeries>& series,
                                           const SegFacts& facts, const DicomCodes& codes);

/// SrNumber::sources of a figure: a segment of Segmentation Storage alone, since other references name no part.
[[nodiscard]] std::vector<SrReference> ReferencesOf(const SrFigure& figure);

/// SrGroup::words of a lesion in a report of `series`.
[[nodiscard]] std::vector<SrWord> WordsOf(const SrLesion& lesion, const SourceSeries& series);

}  // namespace dinsd
