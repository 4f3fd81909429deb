#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/read_options.h"
#include "pipeline/read/volume.h"

namespace dinsd {

enum class SegKind { kBinary, kFractional, kLabelMap };

/// A coded word of a SEG, as stored; empty where it is not there.
struct SegCode {
  std::string value, scheme, meaning;
};

/// One segment as its SEG describes it. Text may hold anything: escape it.
struct SegSegment {
  std::uint16_t number = 0;  // SegmentNumber; in a label map the value of its pixels
  std::uint16_t label = 0;   // of its voxels in a mask: what dinsd wrote into it, else the number; 0 for a background
  std::string name;          // SegmentLabel
  std::string algorithm_type;
  std::string tracking_id, tracking_uid;
  SegCode category, type;  // of the segmented property
  SegCode site, side;      // AnatomicRegionSequence and its modifier
};

/// One frame: a plane of pixels in LPS mm.
struct SegFrame {
  std::uint16_t segment = 0;            // number; 0 in a label map, whose frames hold all
  std::array<double, 3> position{};     // ImagePositionPatient
  std::array<double, 6> orientation{};  // ImageOrientationPatient
};

/// A segmentation on volumes: what its header says, and its pixels as stored.
struct DicomSeg {
  std::string file;
  SegKind kind = SegKind::kBinary;
  std::string study_uid, series_uid, sop_instance_uid, frame_of_reference_uid;
  std::string manufacturer, model, software;        // who made it; `software` has the first value alone
  std::string content_label, series_description;    // may hold anything
  std::vector<std::string> referenced_series_uids;  // of the images that it was made on, as far as it says
  std::int64_t rows = 0, columns = 0;
  std::array<double, 2> pixel_spacing{};  // between rows, between columns, mm
  double slice_spacing_mm = 0;            // SpacingBetweenSlices; 0 where it is not stated
  double slice_thickness_mm = 0;          // likewise
  double fraction_one = 1;                // MaximumFractionalValue
  int background = 0;                     // PixelPaddingValue of a label map; else 0
  std::vector<SegSegment> segments;       // sorted by number
  std::vector<SegFrame> frames;           // in file order
  unsigned bits = 1;                      // of a stored pixel: 1, 8 or 16
  std::vector<std::byte> pixels;          // PixelData: frame after frame, row after row, the lowest bit first

  /// The stored value of pixel `at` (row x columns + column) of a frame.
  [[nodiscard]] unsigned Pixel(std::size_t frame, std::size_t at) const;
};

/// Whether a file's SOP class is one that ReadDicomSeg reads: Segmentation Storage or Label Map Segmentation Storage.
[[nodiscard]] bool IsSegClass(const std::string& sop_class_uid);

/// Reads a DICOM SEG, binary, fractional or label map, whoever wrote it. Sizes are held against each other before
/// memory is taken; pixels are unpacked by nobody but DicomSeg::Pixel. Throws InputError that names `file`: those of
/// the pre-scan; NOT_A_SEG (another SOP class); SEG_NOT_A_VOLUME (of slides or radiographs: no frame of reference, or a
/// frame without position and orientation in the patient, or tiles); SEG_FRAMES (the number of frames is not that of
/// their descriptions, or none); SEG_SEGMENTS (none, one number twice, a frame of a segment that is not described);
/// NO_GEOMETRY (no usable PixelSpacing, position or orientation); UNDECODABLE (compressed or big endian pixels, other
/// bits than the type has, more or fewer bytes than the header promises); LIMIT_EXCEEDED. Thread-safe.
[[nodiscard]] DicomSeg ReadDicomSeg(std::span<const std::byte> bytes, const std::string& file);

/// The grid that a SEG is laid on.
struct SegTarget {
  GridGeometry grid;
  std::string frame_of_reference_uid;         // empty: any
  std::vector<std::array<double, 3>> slices;  // ImagePositionPatient of slice k, LPS mm; empty: as the grid has them
};

[[nodiscard]] SegTarget TargetOf(const SourceSeries& series);

/// The smallest grid that holds all frames of a SEG: slices at multiples of its SpacingBetweenSlices, else of the
/// smallest gap. Throws InputError: SEG_OFF_GRID (planes that are not parallel, not above each other or not evenly
/// apart), LIMIT_EXCEEDED.
[[nodiscard]] SegTarget OwnTarget(const DicomSeg& seg, const ReadLimits& limits = {});

struct SegReadOptions {
  double threshold = 0.5;          // of a fractional SEG: a voxel counts from this share of MaximumFractionalValue on
  std::uint16_t only_segment = 0;  // the number of the only segment to take; 0 = all

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

/// The segments of a SEG as labels on a grid. A frame lies on the slice whose position is its own; else on whatever
/// voxels of the grid its pixels are (kLatticeTolerance of a voxel at each corner). Frames may be fewer than slices,
/// turned or smaller. Throws InputError: SEG_FRAME_OF_REFERENCE, SEG_OFF_GRID (a frame's pixels are no voxels of
/// the grid, or a labelled one lies outside it), SEG_FRAMES (two frames of a segment at one place), SEG_SEGMENTS (no
/// segment has the wanted number, or a label map holds a value that none has), SEG_OVERLAP (a voxel of two segments,
/// which a mask cannot hold: take them one by one), LIMIT_EXCEEDED.
[[nodiscard]] LabelMap LabelsOnGrid(const DicomSeg& seg, const SegTarget& target, const SegReadOptions& options = {},
                                    const ReadLimits& limits = {});

/// Brings the labels of `more`, which lie on the same grid, into `map`. Throws InputError SEG_OVERLAP that names
/// `file` where both have a label at a voxel.
void AddLabels(const LabelMap& more, const std::string& file, LabelMap& map);

}  // namespace dinsd
