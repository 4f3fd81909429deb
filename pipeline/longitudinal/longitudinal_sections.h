#pragma once

#include "pipeline/longitudinal/longitudinal.h"
#include "pipeline/longitudinal/longitudinal_pictures.h"
#include "pipeline/report/html.h"

namespace dinsd {

// The parts of longitudinal.html, from top to bottom.

/// What the page adds to the style sheet of the report.
[[nodiscard]] Html LongitudinalStyle();

/// All that fits into 1280x800: whose, when, totals, the count of each class, and what to look at first.
[[nodiscard]] Html FirstScreen(const LongitudinalReport& report);

/// The whole of the list that the first screen begins.
[[nodiscard]] Html LookAtSection(const LongitudinalReport& report);

/// Every timepoint with its result, method and totals, and what was left out.
[[nodiscard]] Html TimepointsSection(const LongitudinalReport& report);

[[nodiscard]] Html WholeBodySection(const LongitudinalReport& report, const LongitudinalPictures& pictures);

/// Burden by region, type, depth and side.
[[nodiscard]] Html PartsSection(const LongitudinalReport& report);

/// Each lesion: plot, a picture a timepoint, and what is said of its changes.
[[nodiscard]] Html LesionsSection(const LongitudinalReport& report, const LongitudinalPictures& pictures);

/// Every cell in one table.
[[nodiscard]] Html CellsSection(const LongitudinalReport& report);

/// What the classes mean, and how sure one may be.
[[nodiscard]] Html WordsSection(const LongitudinalReport& report);

/// The volume of the timepoints as a plot: of a track, and the whole burden.
[[nodiscard]] Html TrackPlot(const LongitudinalReport& report, std::size_t track);
[[nodiscard]] Html BurdenPlot(const LongitudinalReport& report);

/// The class of a cell as the page shows it.
[[nodiscard]] Html ClassChip(const LongitudinalReport& report, std::size_t track, std::size_t t);

}  // namespace dinsd
