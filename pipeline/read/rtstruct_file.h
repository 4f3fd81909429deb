#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace dinsd {

/// A closed contour as stored.
struct RtContour {
  std::string sop_instance_uid;               // of the image that it names; empty where it names none
  int frame = 0;                              // of that image, from 1; 0 where it names none
  std::vector<std::array<double, 3>> points;  // LPS mm, three or more
};

/// A region of interest as stored.
struct RtRoi {
  std::int64_t number = 0;
  std::string name;                    // as UTF-8; may hold anything, escape it
  std::string frame_of_reference_uid;  // empty where it names none
  std::string generation;              // ROIGenerationAlgorithm: MANUAL, SEMIAUTOMATIC, AUTOMATIC or empty
  std::string interpreted_type;        // RTROIInterpretedType, such as GTV; empty where nothing says it
  std::vector<RtContour> contours;
  std::size_t ignored = 0;  // contours without an area: points, open lines, fewer than three points
};

/// An RT Structure Set: whose it is, what it was drawn on, and its regions. Text may hold anything: escape it.
struct RtStruct {
  std::string study_uid, series_uid, sop_instance_uid;
  std::string manufacturer, model, software;        // who made it; `software` has the first value alone
  std::string label, series_description;            // StructureSetLabel
  std::string approval;                             // ApprovalStatus: APPROVED, UNAPPROVED, REJECTED or empty
  std::vector<std::string> referenced_series_uids;  // of the images that it was drawn on, as far as it says
  std::vector<RtRoi> rois;                          // in the order of StructureSetROISequence
};

/// Reads an RT Structure Set after the pre-scan. Throws InputError as ReadRtStructFile.
[[nodiscard]] RtStruct ReadRtStruct(std::span<const std::byte> bytes, const std::string& file);

/// Reads the regions of an RT Structure Set, in the order of StructureSetROISequence, after the pre-scan. Throws
/// InputError: those of the pre-scan, WRONG_SOP_CLASS (another object), RT_ROI_NUMBER (missing, no number, twice, or
/// contours of a region that there is not), RT_CONTOUR_TYPE (none that DICOM defines), RT_CONTOUR_DATA (something else
/// than three finite numbers a point, a point farther than 100 m, or not as many as NumberOfContourPoints says).
[[nodiscard]] std::vector<RtRoi> ReadRtStructFile(std::span<const std::byte> bytes, const std::string& file);

}  // namespace dinsd
