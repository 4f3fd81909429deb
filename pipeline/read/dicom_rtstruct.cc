#include "pipeline/read/dicom_rtstruct.h"

#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "pipeline/read/input_error.h"
#include "pipeline/read/rtstruct_file.h"
#include "pipeline/read/scan_conversion.h"

namespace dinsd {
namespace {

constexpr double kOutsidePixels = 1;                // how far a contour may leave the image
constexpr double kKeptPixels = 1e-6;                // what a position is rounded to: a centre on an edge is no chance
constexpr double kSnappedMm = 0.05;                 // told from here on
constexpr std::uint64_t kMostWork = 4'000'000'000;  // steps of filling; some seconds

std::string Mm(double value) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3g mm", value);
  return text.data();
}

// The contours of one region in one slice.
struct SliceContours {
  double position = 0;  // mm along the normal, of the first contour
  std::vector<PixelPolygon> polygons;
};

// One contour in the terms of the grid.
struct PlacedContour {
  PixelPolygon polygon;
  double low = INFINITY, high = -INFINITY;  // mm along the normal
};

class Filler {
 public:
  Filler(const SourceSeries& series, const std::string& file, RtStructReading& reading)
      : series_(series), grid_(series.grid), file_(file), reading_(reading) {
    for (std::size_t k = 0; k < series.slices.size(); ++k) AddSlice(series.slices[k], k);
    tolerance_mm_ = std::max(0.1, 0.02 * grid_.spacing[2]);
  }

  void Fill(const RtRoi& roi, RtRegion& region) {
    CheckFrameOfReference(roi);
    std::map<std::size_t, SliceContours> slices;
    for (std::size_t n = 0; n < roi.contours.size(); ++n) {
      what_ = "contour " + std::to_string(n + 1) + " of region " + std::to_string(roi.number);
      Place(roi, roi.contours[n], slices);
    }
    std::uint64_t shared = 0;
    for (const auto& [k, contours] : slices) {
      CountWork(contours.polygons);
      const std::size_t plane = k * static_cast<std::size_t>(grid_.size[0] * grid_.size[1]);
      FillEvenOdd(contours.polygons, grid_.size[0], grid_.size[1], [&](std::int64_t i, std::int64_t j) {
        std::uint16_t& label = reading_.mask.labels[plane + static_cast<std::size_t>(j * grid_.size[0] + i)];
        if (label != 0) ++shared;
        label = region.label;
        ++region.voxels;
      });
    }
    if (shared > 0) {
      Refuse("RT_OVERLAP", "",
             "region " + std::to_string(roi.number) + " shares " + std::to_string(shared) +
                 " voxels with others: a mask has one label a voxel, take one of them");
    }
    ignored_ += roi.ignored;
  }

  void TellNotes() {
    if (unresolved_ > 0) {
      reading_.notes.push_back("rt_reference_unresolved: " + std::to_string(unresolved_) +
                               " contours name images that are not of this series: matched by position");
    }
    if (farthest_mm_ > kSnappedMm) {
      reading_.notes.push_back("rt_snapped: contours lie up to " + Mm(farthest_mm_) + " beside their slice");
    }
    if (ignored_ > 0) {
      reading_.notes.push_back("rt_contour_ignored: " + std::to_string(ignored_) +
                               " contours without an area (points, open lines)");
    }
  }

 private:
  [[noreturn]] void Refuse(const char* code, const char* field, const std::string& why) const {
    throw InputError(code, file_, field, why);
  }

  void CheckFrameOfReference(const RtRoi& roi) {
    is_same_frame_ =
        !roi.frame_of_reference_uid.empty() && roi.frame_of_reference_uid == series_.frame_of_reference_uid;
    if (is_same_frame_ || roi.frame_of_reference_uid.empty() || series_.frame_of_reference_uid.empty()) return;
    Refuse("RT_FRAME_OF_REFERENCE", "ReferencedFrameOfReferenceUID",
           "region " + std::to_string(roi.number) + " was drawn in another one than the series has");
  }

  void Place(const RtRoi& roi, const RtContour& contour, std::map<std::size_t, SliceContours>& slices) {
    PlacedContour placed = OnGrid(contour);
    if (placed.high - placed.low > tolerance_mm_) {
      Refuse("RT_OFF_PLANE", "ContourData",
             what_ + ": its points lie up to " + Mm(placed.high - placed.low) + " apart across the slices");
    }
    const double position = (placed.low + placed.high) / 2;
    const std::size_t k = SliceOf(roi, contour, position);
    farthest_mm_ = std::max(farthest_mm_, std::abs(position - series_.slice_positions[k]));
    SliceContours& slice = slices[k];
    if (slice.polygons.empty()) slice.position = position;
    if (std::abs(position - slice.position) > tolerance_mm_) {
      Refuse("RT_OFF_PLANE", "ContourData",
             what_ + ": lies " + Mm(std::abs(position - slice.position)) +
                 " from another of this region, and both fall into slice " + std::to_string(k + 1));
    }
    slice.polygons.push_back(std::move(placed.polygon));
  }

  PlacedContour OnGrid(const RtContour& contour) const {
    PlacedContour placed;
    placed.polygon.reserve(contour.points.size());
    for (const auto& point : contour.points) {
      const std::array<double, 3> index = IndexFromLps(grid_, point);
      std::array<double, 2> corner{};
      for (std::size_t axis = 0; axis < 2; ++axis) {
        const double last = static_cast<double>(grid_.size[axis]) - 0.5;
        if (index[axis] < -0.5 - kOutsidePixels || index[axis] > last + kOutsidePixels)
          Refuse("RT_OUTSIDE_IMAGE", "ContourData", what_ + ": leaves the image by more than a pixel");
        corner[axis] = std::round(index[axis] / kKeptPixels) * kKeptPixels;
      }
      placed.polygon.push_back(corner);
      placed.low = std::min(placed.low, index[2] * grid_.spacing[2]);
      placed.high = std::max(placed.high, index[2] * grid_.spacing[2]);
    }
    return placed;
  }

  void AddSlice(const SourceSlice& slice, std::size_t k) {
    slice_of_.emplace(std::pair(slice.sop_instance_uid, slice.frame), k);
    if (slice.frame > 0) multi_frame_uids_.insert(slice.sop_instance_uid);
  }

  // The slice of a contour: the one that it names, else the nearest.
  std::size_t SliceOf(const RtRoi& roi, const RtContour& contour, double position) {
    const double reach = grid_.spacing[2] / 2 + kKeptPixels;
    const auto named = slice_of_.find({contour.sop_instance_uid, contour.frame});
    if (named != slice_of_.end()) {
      if (std::abs(series_.slice_positions[named->second] - position) <= reach) return named->second;
      Refuse("RT_REFERENCE_CONFLICT", "ReferencedSOPInstanceUID",
             what_ + ": names slice " + std::to_string(named->second + 1) + " and lies " +
                 Mm(std::abs(series_.slice_positions[named->second] - position)) + " from it");
    }
    // An instance of several frames without the number of one leaves it to the position.
    const bool is_of_series = contour.frame == 0 && multi_frame_uids_.contains(contour.sop_instance_uid);
    if (!is_same_frame_ && !is_of_series) {
      Refuse("RT_FRAME_OF_REFERENCE", "ReferencedFrameOfReferenceUID",
             "region " + std::to_string(roi.number) +
                 ": contours that name no image of the series need its frame of reference");
    }
    if (!contour.sop_instance_uid.empty() && !is_of_series) ++unresolved_;
    const std::size_t k = Nearest(position);
    if (std::abs(series_.slice_positions[k] - position) <= reach) return k;
    Refuse("RT_OFF_PLANE", "ContourData",
           what_ + ": lies " + Mm(std::abs(series_.slice_positions[k] - position)) + " from the nearest slice");
  }

  [[nodiscard]] std::size_t Nearest(double position) const {
    const auto& all = series_.slice_positions;
    const auto is_nearer = [&](double a, double b) { return std::abs(a - position) < std::abs(b - position); };
    return static_cast<std::size_t>(std::min_element(all.begin(), all.end(), is_nearer) - all.begin());
  }

  void CountWork(const std::vector<PixelPolygon>& polygons) {
    work_ += FillWork(polygons, grid_.size[0], grid_.size[1]);
    if (work_ > kMostWork) Refuse("LIMIT_EXCEEDED", "ContourData", "its contours are too long and too many to fill");
  }

  const SourceSeries& series_;
  const GridGeometry& grid_;
  const std::string& file_;
  RtStructReading& reading_;
  std::map<std::pair<std::string, int>, std::size_t> slice_of_;  // by instance and frame
  std::set<std::string> multi_frame_uids_;
  double tolerance_mm_ = 0;
  bool is_same_frame_ = false;
  std::string what_;  // the contour at hand, for errors
  std::size_t unresolved_ = 0, ignored_ = 0;
  double farthest_mm_ = 0;
  std::uint64_t work_ = 0;
};

// The wanted regions, with labels.
std::vector<std::pair<RtRoi, RtRegion>> Wanted(std::vector<RtRoi> rois, const std::vector<std::string>& names,
                                               const std::string& file) {
  for (const std::string& name : names) {
    if (std::none_of(rois.begin(), rois.end(), [&](const RtRoi& roi) { return roi.name == name; }))
      throw InputError("RT_ROI_NOT_FOUND", file, "ROIName", "no region is called '" + name + "'");
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::uint16_t>::max();
  const bool keeps_numbers =
      std::all_of(rois.begin(), rois.end(), [](const RtRoi& roi) { return roi.number >= 1 && roi.number <= kMost; });
  std::vector<std::pair<RtRoi, RtRegion>> wanted;
  for (RtRoi& roi : rois) {
    if (!names.empty() && std::find(names.begin(), names.end(), roi.name) == names.end()) continue;
    const auto label = keeps_numbers ? roi.number : static_cast<std::int64_t>(wanted.size()) + 1;
    if (label > kMost) throw InputError("LIMIT_EXCEEDED", file, "ROINumber", "more than 65535 regions");
    RtRegion region{roi.number, roi.name, static_cast<std::uint16_t>(label), 0};
    wanted.emplace_back(std::move(roi), std::move(region));
  }
  if (wanted.empty()) throw InputError("RT_ROI_NOT_FOUND", file, "StructureSetROISequence", "holds no region");
  return wanted;
}

RtStructReading Filled(const std::vector<std::pair<RtRoi, RtRegion>>& wanted, const std::string& file,
                       const SourceSeries& series) {
  RtStructReading reading;
  reading.mask = {series.grid, std::vector<std::uint16_t>(series.grid.SizeZyx().VoxelCount())};
  Filler filler(series, file, reading);
  for (const auto& [roi, region] : wanted) {
    reading.regions.push_back(region);
    filler.Fill(roi, reading.regions.back());
  }
  filler.TellNotes();
  return reading;
}

}  // namespace

bool IsRtStructClass(const std::string& sop_class_uid) {
  return sop_class_uid == UID_RTStructureSetStorage;
}

RtStructReading RtStructToMask(std::span<const std::byte> bytes, const std::string& file, const SourceSeries& series,
                               const std::vector<std::string>& names) {
  return Filled(Wanted(ReadRtStructFile(bytes, file), names, file), file, series);
}

RtStructReading RegionsToMask(const std::vector<RtRoi>& rois, const std::string& file, const SourceSeries& series) {
  if (rois.size() > std::numeric_limits<std::uint16_t>::max())
    throw InputError("LIMIT_EXCEEDED", file, "ROINumber", "more than 65535 regions");
  std::vector<std::pair<RtRoi, RtRegion>> wanted;
  for (const RtRoi& roi : rois) {
    const auto label = static_cast<std::uint16_t>(wanted.size() + 1);
    wanted.emplace_back(roi, RtRegion{roi.number, roi.name, label, 0});
  }
  return Filled(wanted, file, series);
}

}  // namespace dinsd
