#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "pipeline/read/dicom_geometry.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/grid_axes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/lattice.h"

namespace dinsd {
namespace {

constexpr double kLeastGapMm = 0.01;

DicomInstance PlaneOf(const SegFrame& frame) {
  DicomInstance plane;
  plane.position = frame.position;
  plane.orientation = frame.orientation;
  return plane;
}

Vector3 Minus(const Vector3& a, const Vector3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

Vector3 Times(const Vector3& a, double factor) {
  return {a[0] * factor, a[1] * factor, a[2] * factor};
}

// Three decimal numbers parted by backslashes.
std::optional<Vector3> PointOf(const std::string& text) {
  Vector3 point{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::size_t d = 0; d < 3; ++d) {
    while (at != end && (*at == ' ' || *at == '\\' || *at == '+')) ++at;
    const auto [rest, error] = std::from_chars(at, end, point[d]);
    if (error != std::errc()) return std::nullopt;
    at = rest;
  }
  return point;
}

// The planes of a SEG along their normal.
class PlaneStack {
 public:
  explicit PlaneStack(const DicomSeg& seg) : seg_(seg), axes_(AxesOf(PlaneOf(seg.frames.front()))) {
    const SegFrame& first = seg.frames.front();
    for (const SegFrame& frame : seg.frames) {
      if (!IsSameOrientation(PlaneOf(first), PlaneOf(frame))) Refuse("its planes are not parallel");
      const Vector3 way = Minus(frame.position, first.position);
      const bool is_above = std::abs(Dot(way, axes_.row)) <= kLatticeTolerance * seg.pixel_spacing[1] &&
                            std::abs(Dot(way, axes_.column)) <= kLatticeTolerance * seg.pixel_spacing[0];
      if (!is_above) Refuse("its planes do not lie above each other");
      places_.push_back(Dot(way, axes_.normal));
    }
    std::sort(places_.begin(), places_.end());
  }

  [[nodiscard]] GridGeometry Grid(const ReadLimits& limits) const {
    const double extent = places_.back() - places_.front();
    double spacing = IsSpacing(seg_.slice_spacing_mm) ? seg_.slice_spacing_mm : SmallestGap();
    if (!IsSpacing(spacing)) Refuse("its planes are not evenly apart");
    const double steps = std::round(extent / spacing);
    if (steps > 1e6) Refuse("its planes are too far from each other");
    if (steps > 0) spacing = extent / steps;
    GridGeometry grid;
    grid.size = {seg_.columns, seg_.rows, static_cast<std::int64_t>(steps) + 1};
    CheckVoxelCount(grid.size, seg_.file, "NumberOfFrames", limits);
    grid.spacing = {seg_.pixel_spacing[1], seg_.pixel_spacing[0], spacing};
    for (std::size_t row = 0; row < 3; ++row) {
      grid.origin[row] = seg_.frames.front().position[row] + axes_.normal[row] * places_.front();
      grid.direction[row * 3] = axes_.row[row];
      grid.direction[row * 3 + 1] = axes_.column[row];
      grid.direction[row * 3 + 2] = axes_.normal[row];
    }
    return grid;
  }

 private:
  [[noreturn]] void Refuse(const char* why) const {
    throw InputError("SEG_OFF_GRID", seg_.file, "ImagePositionPatient", std::string(why) + ": name the image series");
  }

  [[nodiscard]] double SmallestGap() const {
    double smallest = 0;
    for (std::size_t i = 1; i < places_.size(); ++i) {
      const double gap = places_[i] - places_[i - 1];
      if (gap > kLeastGapMm && (smallest == 0 || gap < smallest)) smallest = gap;
    }
    if (smallest > 0) return smallest;
    return seg_.slice_spacing_mm > kLeastGapMm ? seg_.slice_spacing_mm : seg_.slice_thickness_mm;
  }

  [[nodiscard]] bool IsSpacing(double spacing) const {
    if (!(spacing > kLeastGapMm)) return false;
    return std::all_of(places_.begin(), places_.end(), [&](double place) {
      const double steps = (place - places_.front()) / spacing;
      return std::abs(steps - std::round(steps)) <= kLatticeTolerance;
    });
  }

  const DicomSeg& seg_;
  SliceAxes axes_;
  std::vector<double> places_;
};

// Lays frames onto the voxels of a grid.
class FramePlacer {
 public:
  FramePlacer(const DicomSeg& seg, const SegTarget& target) : seg_(seg), target_(target) {
    for (const Vector3& slice : target.slices) slices_.push_back(IndexFromLps(target.grid, slice));
  }

  [[nodiscard]] LatticePlace Place(std::size_t frame) const {
    const auto place = PlaceOnGrid(LatticeOf(seg_.frames[frame]), target_.grid, ShiftOf(seg_.frames[frame]));
    if (place) return *place;
    throw InputError("SEG_OFF_GRID", seg_.file, "ImagePositionPatient",
                     "the pixels of frame " + std::to_string(frame + 1) + " are no voxels of the image series");
  }

 private:
  // A plane has no neighbour: the step across is that of the grid's axis that is most along its normal.
  [[nodiscard]] Lattice LatticeOf(const SegFrame& frame) const {
    const SliceAxes axes = AxesOf(PlaneOf(frame));
    std::size_t across = 0;
    double steepest = -1;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto& d = target_.grid.direction;
      const double along = std::abs(Dot(axes.normal, {d[axis], d[3 + axis], d[6 + axis]}));
      if (along > steepest) across = axis;
      steepest = std::max(steepest, along);
    }
    return {frame.position,
            {Times(axes.row, seg_.pixel_spacing[1]), Times(axes.column, seg_.pixel_spacing[0]),
             Times(axes.normal, target_.grid.spacing[across])},
            {seg_.columns, seg_.rows, 1}};
  }

  // How far the slice that the frame lies on is from its place in the grid, in voxels: slices need not be even.
  [[nodiscard]] Vector3 ShiftOf(const SegFrame& frame) const {
    const Vector3 index = IndexFromLps(target_.grid, frame.position);
    for (std::size_t k = 0; k < slices_.size(); ++k) {
      const Vector3 off = Minus(index, slices_[k]);
      const bool is_there =
          std::all_of(off.begin(), off.end(), [](double d) { return std::abs(d) <= kLatticeTolerance; });
      if (is_there) return Minus({0, 0, static_cast<double>(k)}, slices_[k]);
    }
    return {0, 0, 0};
  }

  const DicomSeg& seg_;
  const SegTarget& target_;
  std::vector<Vector3> slices_;
};

// Draws the frames of a SEG into a mask.
class SegPainter {
 public:
  SegPainter(const DicomSeg& seg, const SegTarget& target, const SegReadOptions& options)
      : seg_(seg), options_(options), placer_(seg, target), labels_(kNumbers, kNoSegment) {
    map_.grid = target.grid;
    map_.labels.resize(target.grid.SizeZyx().VoxelCount());
    bool is_found = options.only_segment == 0;
    for (const SegSegment& segment : seg.segments) {
      const bool is_taken = options.only_segment == 0 || segment.number == options.only_segment;
      labels_[segment.number] = is_taken ? segment.label : 0;
      is_found |= is_taken;
    }
    if (!is_found) {
      throw InputError("SEG_SEGMENTS", seg.file, "SegmentNumber",
                       "no segment has the number " + std::to_string(options.only_segment));
    }
  }

  LabelMap Paint() {
    for (std::size_t frame = 0; frame < seg_.frames.size(); ++frame) {
      const bool is_one_segment = seg_.kind != SegKind::kLabelMap;
      if (is_one_segment && LabelOf(frame) == 0) continue;
      PaintFrame(frame, placer_.Place(frame));
    }
    return std::move(map_);
  }

 private:
  static constexpr std::size_t kNumbers = 65536;
  static constexpr int kNoSegment = -1;

  [[nodiscard]] std::uint16_t LabelOf(std::size_t frame) const {
    return static_cast<std::uint16_t>(labels_[seg_.frames[frame].segment]);
  }

  void PaintFrame(std::size_t frame, const LatticePlace& place) {
    if (!painted_.insert({seg_.frames[frame].segment, place.base}).second) {
      throw InputError("SEG_FRAMES", seg_.file, "ImagePositionPatient",
                       "frame " + std::to_string(frame + 1) + " lies where another one of its segment does");
    }
    std::size_t at = 0;
    for (std::int64_t j = 0; j < seg_.rows; ++j) {
      for (std::int64_t i = 0; i < seg_.columns; ++i, ++at) {
        const std::uint16_t label = LabelAt(frame, at);
        if (label != 0) SetVoxel(frame, place, i, j, label);
      }
    }
  }

  [[nodiscard]] std::uint16_t LabelAt(std::size_t frame, std::size_t at) const {
    const unsigned value = seg_.Pixel(frame, at);
    if (value == 0 && seg_.kind != SegKind::kLabelMap) return 0;
    switch (seg_.kind) {
      case SegKind::kBinary:
        return LabelOf(frame);
      case SegKind::kFractional:
        return value / seg_.fraction_one >= options_.threshold ? LabelOf(frame) : std::uint16_t{0};
      case SegKind::kLabelMap:
        break;
    }
    if (labels_[value] != kNoSegment) return static_cast<std::uint16_t>(labels_[value]);
    if (value == 0 || static_cast<int>(value) == seg_.background) return 0;
    throw InputError("SEG_SEGMENTS", seg_.file, "PixelData",
                     "a pixel is " + std::to_string(value) + ", and no segment has that number");
  }

  void SetVoxel(std::size_t frame, const LatticePlace& place, std::int64_t i, std::int64_t j, std::uint16_t label) {
    std::array<std::int64_t, 3> v{};
    for (std::size_t d = 0; d < 3; ++d) {
      v[d] = place.base[d] + i * place.step[0][d] + j * place.step[1][d];
      if (v[d] >= 0 && v[d] < map_.grid.size[d]) continue;
      throw InputError("SEG_OFF_GRID", seg_.file, "ImagePositionPatient",
                       "a labelled pixel of frame " + std::to_string(frame + 1) + " lies outside the image series");
    }
    std::uint16_t& voxel =
        map_.labels[static_cast<std::size_t>((v[2] * map_.grid.size[1] + v[1]) * map_.grid.size[0] + v[0])];
    if (voxel != 0 && voxel != label) {
      throw InputError("SEG_OVERLAP", seg_.file, "SegmentsOverlap",
                       "labels " + std::to_string(voxel) + " and " + std::to_string(label) +
                           " share a voxel, which a mask cannot hold: take the segments one by one");
    }
    voxel = label;
  }

  const DicomSeg& seg_;
  const SegReadOptions& options_;
  FramePlacer placer_;
  std::vector<int> labels_;  // by segment number; 0 is not drawn
  std::set<std::pair<std::uint16_t, std::array<std::int64_t, 3>>> painted_;
  LabelMap map_;
};

}  // namespace

SegTarget TargetOf(const SourceSeries& series) {
  SegTarget target{series.grid, series.frame_of_reference_uid, {}};
  if (series.is_interpolated) return target;
  for (const SourceSlice& slice : series.slices) {
    const std::optional<Vector3> position = PointOf(slice.position);
    if (!position) throw InputError("NO_GEOMETRY", slice.file, "ImagePositionPatient", "is not three numbers");
    target.slices.push_back(*position);
  }
  return target;
}

SegTarget OwnTarget(const DicomSeg& seg, const ReadLimits& limits) {
  return {PlaneStack(seg).Grid(limits), seg.frame_of_reference_uid, {}};
}

LabelMap LabelsOnGrid(const DicomSeg& seg, const SegTarget& target, const SegReadOptions& options,
                      const ReadLimits& limits) {
  options.Check();
  CheckVoxelCount(target.grid.size, seg.file, "Rows", limits);
  if (!target.frame_of_reference_uid.empty() && target.frame_of_reference_uid != seg.frame_of_reference_uid) {
    throw InputError("SEG_FRAME_OF_REFERENCE", seg.file, "FrameOfReferenceUID",
                     "is not that of the image series: its positions mean other places");
  }
  return SegPainter(seg, target, options).Paint();
}

void AddLabels(const LabelMap& more, const std::string& file, LabelMap& map) {
  for (std::size_t at = 0; at < map.labels.size(); ++at) {
    if (more.labels.at(at) == 0) continue;
    if (map.labels[at] != 0)
      throw InputError("SEG_OVERLAP", file, "", "a voxel has a label in another of the files already");
    map.labels[at] = more.labels[at];
  }
}

}  // namespace dinsd
