#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/write/dicom_output_options.h"
#include "pipeline/write/dicom_seg.h"

namespace dinsd {

/// One lesion as a structured report measures it.
struct SrLesion {
  SegLesion lesion;  // name, tracking, site, side
  double volume_ml = 0;
  std::optional<DicomCode> kind;     // plexiform or discrete
  std::string seg_sop_instance_uid;  // of the segmentation that has its segment; empty: it has none
  std::uint16_t segment = 0;         // SegmentNumber there
};

/// TrackingID of the group that has the total.
inline constexpr const char* kSrTotalId = "Total of all lesions";

/// What a structured report says of one result.
struct SrContent {
  std::vector<SrLesion> lesions;
  double total_ml = 0;
  bool is_preliminary = false;       // PreliminaryFlag PRELIMINARY, else FINAL
  std::vector<std::string> remarks;  // sentences for people
  std::vector<WrittenSeg> segs;      // the segmentations that the lesions refer to
};

/// Writes measurements as Enhanced SR with the template TID 1500, as the bytes of a Part 10 file.
///
/// Each lesion with a segment is a group of TID 1411 (tracking as in the segmentation, finding, site and side, the
/// segment and the series, Volume in mL with name and digest of the network's weights); one without is a group of
/// TID 1501, and so is the total of all, whose volume has the derivation Total. 1 mL = 1 cm3. A volume stands there
/// as decimal string of at most 16 characters and, exactly, as binary double. The image library names every image of
/// the series. CompletionFlag is COMPLETE (every lesion is there), VerificationFlag UNVERIFIED (no person signed).
/// Everything in the file follows from the arguments alone; UIDs are made of facts.key and the series.
///
/// Throws std::runtime_error where the library refuses a value. Thread-safe.
[[nodiscard]] std::string MeasurementsToSr(const SrContent& content, const SourceSeries& series, const SegFacts& facts,
                                           const DicomCodes& codes);

}  // namespace dinsd
