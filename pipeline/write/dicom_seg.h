#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/volume.h"
#include "pipeline/write/dicom_item.h"

namespace dinsd {

/// One label of a mask that becomes a segment.
struct SegLesion {
  std::uint16_t label = 0;        // of its voxels, from 1
  std::string id;                 // SegmentLabel and TrackingID
  std::string tracking_uid;       // TrackingUID; empty: made of study, series and id
  std::optional<DicomCode> site;  // AnatomicRegionSequence; left out where it is no code that DICOM can hold
  std::string laterality;         // L, R or B: modifies the site
};

/// What a lesion is followed over time by: TrackingID, as text of the source's character set, and TrackingUID.
struct LesionTracking {
  std::string id, uid;
};
[[nodiscard]] LesionTracking TrackingOf(const SegLesion& lesion, const SourceSeries& source);

enum class SegAlgorithmType { kManual, kSemiautomatic, kAutomatic };

/// Who made the mask, from what and when. The same source, mask, lesions and facts give the same bytes.
struct SegFacts {
  std::string key;       // what the result is known by, such as its job key: all UIDs are made of it and the series
  std::string created;   // RFC 3339
  std::string software;  // name and version of the program
  SegAlgorithmType type = SegAlgorithmType::kSemiautomatic;
  std::string algorithm;       // SegmentAlgorithmName, not empty unless manual
  std::string weights_name;    // of the network; empty where there is none
  std::string weights_sha256;  // likewise
  std::string of_series;       // "station 2/4", where a mask has several source series; else empty
  bool is_preliminary = false;
};

/// SeriesDescription of what was made of a mask, such as `what` = "lesions": "Preliminary lesions by dinsd, station 2/4
/// (research use only)".
[[nodiscard]] std::string TitleOf(const std::string& what, const SegFacts& facts);

struct SegWriteOptions {
  std::size_t max_segments = 200;   // of one object; more are divided into bands from head to feet
  bool keeps_empty_frames = false;  // a frame for every slice of every segment
  DicomCode category{"49755003", "SCT", "Morphologically Abnormal Structure"};
  DicomCode type{"89084002", "SCT", "Neurofibroma"};
  DicomCode left{"7771000", "SCT", "Left"}, right{"24028007", "SCT", "Right"},
      both_sides{"51440002", "SCT", "Right and left"};

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

/// One object that was written.
struct WrittenSeg {
  std::string file;  // in the folder
  std::string series_uid, sop_instance_uid;
  std::vector<std::uint16_t> labels;  // segment n has the label labels[n - 1] of the mask
  std::size_t frames = 0;
};

/// Writes a mask that lies on the grid of a source series as DICOM SEG (binary, explicit VR little endian) into
/// `folder`: STEM.dcm, or STEM-1.dcm, STEM-2.dcm, ... where there are more than options.max_segments labels. Segments
/// are numbered from 1 in the order of `lesions`; a lesion without a voxel becomes none, and a mask without labels
/// gives no object: DICOM has no segmentation without a segment. Patient, study and frame of reference are copied from
/// the source, positions and orientation as their very text. Each file is synced, read back by ReadDicomSeg and
/// compared voxel by voxel before the function returns; where one fails none is left.
///
/// Throws std::invalid_argument (mask on another grid, a label without a lesion or of two, bad options), InputError
/// NO_GEOMETRY (the series has no FrameOfReferenceUID) and VARIABLE_SPACING (its slices were interpolated),
/// std::system_error and std::runtime_error (a file that cannot be written), ReadBackError (one that does not read back
/// as written).
[[nodiscard]] std::vector<WrittenSeg> WriteDicomSegs(const std::filesystem::path& folder, const std::string& stem,
                                                     const LabelMap& mask, const std::vector<SegLesion>& lesions,
                                                     const SourceSeries& source, const SegFacts& facts,
                                                     const SegWriteOptions& options = {});

}  // namespace dinsd
