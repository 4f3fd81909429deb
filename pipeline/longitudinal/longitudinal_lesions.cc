#include <algorithm>

#include "pipeline/longitudinal/longitudinal_sections.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

Html VolumeLine(const LongitudinalReport& report, std::size_t k, std::size_t t) {
  Html html;
  const MeasuredLesion* lesion = CellLesion(report, k, t);
  if (lesion == nullptr) return html;
  html << "<strong>" << Text{VolumeDigits(lesion->lesion.volume_ml)} << " mL</strong>";
  if (lesion->interval)
    html << " <small>" << Text{VolumeDigits(lesion->interval->low_ml)} << "\xE2\x80\x93"
         << Text{VolumeDigits(lesion->interval->high_ml)} << "</small>";
  html << "<br>";
  return html;
}

Html Caption(const LongitudinalReport& report, std::size_t k, std::size_t t) {
  const PatientTimepoint& timepoint = report.timepoints()[t];
  const CellVerdict& verdict = report.verdicts[k][t];
  Html html;
  html << "<figcaption>" << Text{timepoint.study_date};
  if (!timepoint.is_final) html << " <span class=\"flag\">preliminary</span>";
  html << "<br>" << VolumeLine(report, k, t) << ClassChip(report, k, t);
  if (verdict.prior) html << " " << Text{PercentWords(verdict.prior->change.percent)};
  if (!verdict.reason.empty()) html << "<span class=\"note\">" << Text{verdict.reason} << "</span>";
  html << "</figcaption>";
  return html;
}

// What stands where a lesion has no picture at a timepoint.
Html Blank(const TrackCell& cell) {
  Html html;
  html << "<div class=\"blank\">";
  switch (cell.presence) {
    case Presence::kNotImaged:
      html << "outside of the field of view";
      break;
    case Presence::kMerged:
      html << "part of another lesion";
      break;
    case Presence::kNotFound:
      html << "nothing found";
      break;
    case Presence::kNotCompared:
      html << "not compared";
      break;
    case Presence::kMeasured:
      html << "no voxel";
      break;
    case Presence::kBefore:
      html << "not there yet";
      break;
  }
  html << "</div>";
  return html;
}

Html OverTime(const LongitudinalReport& report, std::size_t k, const std::vector<Html>& slices) {
  Html html;
  html << "<div class=\"over-time\">";
  for (std::size_t t = report.tracks()[k].first; t < report.timepoints().size(); ++t) {
    const bool is_shown = t < slices.size() && !slices[t].empty();
    html << "<figure>" << (is_shown ? slices[t] : Blank(report.tracks()[k].cells[t])) << Caption(report, k, t)
         << "</figure>";
  }
  html << "</div>";
  return html;
}

void AddChange(const LongitudinalReport& report, const Markup& name, const std::optional<ReferenceChange>& change,
               Html& html) {
  if (!change) return;
  html << "<div><dt>" << name << "</dt><dd>" << Text{ChangeWords(report, *change)} << ": "
       << Text{Word(change->change.change)};
  if (!change->change.reason.empty()) html << "<span class=\"note\">" << Text{change->change.reason} << "</span>";
  if (!change->mismatch.empty()) html << "<span class=\"note\">model_mismatch: " << Text{change->mismatch} << "</span>";
  html << "</dd></div>\n";
}

Html Facts(const LongitudinalReport& report, std::size_t k, std::size_t t) {
  const CellVerdict& verdict = report.verdicts[k][t];
  Html html;
  html << "<dl class=\"method\">\n";
  AddChange(report, "Prior", verdict.prior, html);
  AddChange(report, "Baseline", verdict.baseline, html);
  AddChange(report, "Nadir", verdict.nadir, html);
  if (!verdict.confirmed_on.empty())
    html << "<div><dt>Confirmed response</dt><dd>on " << Text{verdict.confirmed_on} << "</dd></div>\n";
  if (!report.tracks()[k].uid.empty())
    html << "<div><dt>Tracking UID</dt><dd>" << Text{report.tracks()[k].uid} << "</dd></div>\n";
  html << "</dl>\n";
  return html;
}

Html Flags(const std::vector<std::string>& flags) {
  Html html;
  for (const std::string& flag : flags) html << " <span class=\"flag\">" << Text{MeaningOf(flag).title} << "</span>";
  return html;
}

Html Lesion(const LongitudinalReport& report, std::size_t k, const std::vector<Html>& slices) {
  std::size_t latest = report.Latest().value_or(report.timepoints().size() - 1);
  latest = std::max(latest, report.tracks()[k].first);
  Html html;
  html << "<article class=\"lesion\">\n<h3><span class=\"count\">" << Text{std::to_string(k + 1)} << "</span> "
       << Text{report.tracks()[k].id} << " ";
  const std::string site = SiteOfTrack(report, k);
  if (!site.empty()) html << "\xC2\xB7 " << Text{site} << " ";
  html << ClassChip(report, k, latest) << Flags(report.verdicts[k][latest].flags) << "</h3>\n<div>\n<div>"
       << TrackPlot(report, k) << Facts(report, k, latest) << "</div>\n"
       << OverTime(report, k, slices) << "\n</div>\n</article>\n";
  return html;
}

}  // namespace

Html LesionsSection(const LongitudinalReport& report, const LongitudinalPictures& pictures) {
  Html html;
  html
      << "<section>\n<h2>Each lesion over time</h2>\n<p class=\"legend\">Those to be looked at first, then the "
         "largest. "
         "Plot: the lesion's own volume with its interval, a band of "
      << Text{FixedDigits(report.rules.change.percent, 0)}
      << " % either way round the baseline where that is of this lesion alone, hollow points of preliminary results, "
         "crosses where there is no volume. "
         "Pictures: its largest slice at each timepoint, all of one lesion at one scale, each with a grey scale of its "
         "own; coloured line: the lesion, thin white line: others. Change: since the last final timepoint "
         "before.</p>\n";
  const std::vector<std::size_t> order = TracksByNeed(report);
  if (pictures.left_out > 0)
    html << "<p class=\"legend\"><strong>" << Text{std::to_string(pictures.left_out)}
         << " lesions are shown without pictures</strong> to keep this page small.</p>\n";
  for (const std::size_t k : order) html << Lesion(report, k, pictures.slices.at(k));
  html << "</section>\n";
  return html;
}

}  // namespace dinsd
