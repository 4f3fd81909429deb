#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "pipeline/read/series_rule_options.h"

namespace dinsd {

/// What becomes of a series whose geometry is not what it should be. Whatever is not kFail is flagged in its notes.
enum class GeometryPolicy {
  kFail,           // the series is refused by the error's name
  kProcessAnyway,  // the volume is built as if nothing were wrong
  kInterpolate,    // slices are interpolated linearly onto an even grid
};

/// How a folder of DICOM becomes volumes.
struct DicomReadOptions {
  double min_slice_spacing_mm = 2;
  double max_slice_spacing_mm = 15;
  int min_slices = 6;
  bool jpeg_2000 = false;  // JPEG 2000 is decoded (by OpenJPEG), else refused as UNDECODABLE
  std::vector<SeriesRule> series_rules = DefaultSeriesRules();  // the first that matches any series decides
  bool take_only_series = true;  // the only image series of a study is taken although no rule matches it
  bool join_stations = true;     // series of one kind that lie one below the other are one examination in stations
  double min_station_overlap_mm = 10;  // of neighbouring stations; with less the study is refused

  // One policy per named error of the series assembler; an error without one always refuses.
  GeometryPolicy missing_slice = GeometryPolicy::kFail;         // kFail only
  GeometryPolicy variable_spacing = GeometryPolicy::kFail;      // any; gaps of 1.5 medians and more always fail
  GeometryPolicy sheared = GeometryPolicy::kFail;               // not kInterpolate
  GeometryPolicy mixed_orientation = GeometryPolicy::kFail;     // not kInterpolate; else a volume per orientation
  GeometryPolicy duplicate_sop = GeometryPolicy::kFail;         // not kInterpolate; else the first by file name stays
  GeometryPolicy duplicate_position = GeometryPolicy::kFail;    // likewise
  GeometryPolicy spacing_out_of_range = GeometryPolicy::kFail;  // not kInterpolate

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    if (!(min_slice_spacing_mm > 0)) throw std::invalid_argument("min_slice_spacing_mm must be above 0");
    if (!(max_slice_spacing_mm >= min_slice_spacing_mm)) {
      throw std::invalid_argument("max_slice_spacing_mm must be at least min_slice_spacing_mm");
    }
    if (!(min_station_overlap_mm >= 0)) throw std::invalid_argument("min_station_overlap_mm must not be negative");
    if (min_slices < 2) throw std::invalid_argument("min_slices must be at least 2");
    if (missing_slice != GeometryPolicy::kFail) throw std::invalid_argument("missing_slice allows only fail");
    for (const SeriesRule& rule : series_rules) rule.Check();
    CheckNotInterpolated(sheared, "sheared");
    CheckNotInterpolated(mixed_orientation, "mixed_orientation");
    CheckNotInterpolated(duplicate_sop, "duplicate_sop");
    CheckNotInterpolated(duplicate_position, "duplicate_position");
    CheckNotInterpolated(spacing_out_of_range, "spacing_out_of_range");
  }

 private:
  static void CheckNotInterpolated(GeometryPolicy policy, const std::string& field) {
    if (policy == GeometryPolicy::kInterpolate) {
      throw std::invalid_argument(field + " allows only fail and process-anyway");
    }
  }
};

}  // namespace dinsd
