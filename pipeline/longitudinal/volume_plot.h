#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/report/html.h"

namespace dinsd {

/// A volume at a date.
struct PlotPoint {
  double day = 0;  // since the first timepoint
  std::string date;
  std::optional<double> ml;               // nothing: a mark on the axis that says why
  std::optional<double> low_ml, high_ml;  // its interval
  bool is_final = true;                   // else a hollow mark, and no line goes through it
  std::string gap;                        // of a point without volume: "not found", "not imaged", ...; empty: no mark
};

struct PlotOptions {
  double width = 460, height = 170;   // units of the picture
  std::optional<double> band_around;  // mL: a band of `band_percent` round it
  double band_percent = 20;
};

/// Volume over time: points, their intervals, the band, and lines between final points with a volume that follow each
/// other. `description` says the same for who cannot see it.
[[nodiscard]] Html VolumePlot(const std::vector<PlotPoint>& points, const PlotOptions& options,
                              const std::string& description);

}  // namespace dinsd
