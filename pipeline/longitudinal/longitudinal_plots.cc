#include "pipeline/longitudinal/change_style.h"
#include "pipeline/longitudinal/longitudinal_sections.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/longitudinal/volume_plot.h"
#include "pipeline/report/follow_up_rows.h"

namespace dinsd {
namespace {

PlotPoint PointAt(const LongitudinalReport& report, std::size_t t) {
  const std::vector<PatientTimepoint>& timepoints = report.timepoints();
  PlotPoint point;
  point.date = timepoints[t].study_date;
  point.day = DaysBetween(timepoints.front().study_date, point.date).value_or(0);
  point.is_final = timepoints[t].is_final;
  return point;
}

// What stands on the axis where there is no volume; empty: nothing.
std::string GapOf(const TrackCell& cell) {
  switch (cell.presence) {
    case Presence::kNotFound:
      return "not found";
    case Presence::kNotImaged:
      return "not imaged";
    case Presence::kMerged:
      return "merged";
    case Presence::kNotCompared:
      return "not compared";
    case Presence::kBefore:
    case Presence::kMeasured:
      break;
  }
  return "";
}

}  // namespace

Html TrackPlot(const LongitudinalReport& report, std::size_t track) {
  std::vector<PlotPoint> points;
  PlotOptions options{.band_percent = report.rules.change.percent};
  for (std::size_t t = 0; t < report.timepoints().size(); ++t) {
    PlotPoint point = PointAt(report, t);
    point.ml = CellVolume(report, track, t);
    point.gap = GapOf(report.tracks()[track].cells[t]);
    const MeasuredLesion* lesion = CellLesion(report, track, t);
    if (lesion != nullptr && lesion->interval) {
      point.low_ml = lesion->interval->low_ml;
      point.high_ml = lesion->interval->high_ml;
    }
    const std::optional<ReferenceChange>& baseline = report.verdicts[track][t].baseline;
    if (baseline)  // a sum is no reference of the lesion's own volume
      options.band_around = baseline->is_sum ? std::nullopt : std::optional(baseline->reference_ml);
    points.push_back(point);
  }
  return VolumePlot(points, options, TrackName(report, track) + ": volume over time");
}

Html BurdenPlot(const LongitudinalReport& report) {
  std::vector<PlotPoint> points;
  for (std::size_t t = 0; t < report.timepoints().size(); ++t) {
    points.push_back(PointAt(report, t));
    points.back().ml = report.totals[t].total_ml;
  }
  return VolumePlot(points, {.width = 380, .height = 150}, "Volume of all lesions over time");
}

Html ClassChip(const LongitudinalReport& report, std::size_t track, std::size_t t) {
  Html html;
  const std::string words = ClassWords(report, track, t);
  if (words.empty()) return html;
  if (words != "baseline" && IsNamedBaseline(report, track, t)) html << "<span class=\"chip none\">baseline</span> ";
  html << "<span class=\"" << ChipOfChange(report.verdicts[track][t].change) << "\">" << Text{words} << "</span>";
  return html;
}

}  // namespace dinsd
