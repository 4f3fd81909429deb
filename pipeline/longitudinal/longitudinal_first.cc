#include <algorithm>
#include <array>
#include <map>

#include "pipeline/longitudinal/change_style.h"
#include "pipeline/longitudinal/longitudinal_sections.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostItems = 9;  // what fits beside the totals at 1280x800, two lines each

constexpr std::array kClasses = {
    ChangeClass::kIncrease, ChangeClass::kDecrease, ChangeClass::kStable,    ChangeClass::kUncertain,
    ChangeClass::kNew,      ChangeClass::kNotFound, ChangeClass::kNotImaged, ChangeClass::kBelowMeasurable};

Html Item(const Markup& name, const std::string& value) {
  Html html;
  html << "<div><dt>" << name << "</dt><dd>" << Text{value} << "</dd></div>\n";
  return html;
}

Html Big(const Markup& name, const std::string& value, const std::string& note) {
  Html html;
  html << "<div><dt>" << name << "</dt><dd><strong>" << Text{value} << "</strong><small>" << Text{note}
       << "</small></dd></div>\n";
  return html;
}

std::string PatientOf(const LongitudinalReport& report) {
  std::string words = report.history.patient;
  if (!report.history.issuer.empty()) words.append(" (").append(report.history.issuer).append(")");
  return words;
}

Html Heading(const LongitudinalReport& report) {
  const std::vector<PatientTimepoint>& timepoints = report.timepoints();
  Html html;
  html << "<header>\n<p class=\"research\"><strong>Research use only.</strong> Not a medical device; not for diagnosis "
          "or treatment.</p>\n<h1>Tumour volumes over time <span>"
       << Text{PatientOf(report)} << "</span></h1>\n<dl class=\"facts\">\n"
       << Item("Timepoints", std::to_string(timepoints.size())) << Item("First", timepoints.front().study_date);
  const std::optional<std::size_t> latest = report.Latest();
  html << Item("Latest final", latest ? timepoints[*latest].study_date : "none");
  if (!timepoints.back().is_final) html << Item("Preliminary", timepoints.back().study_date);
  html << Item("Lesions ever", std::to_string(report.tracks().size())) << Item("Report made", report.created)
       << "</dl>\n</header>\n";
  return html;
}

std::string PercentOf(double then, double now) {
  if (!(then > 0)) return "";
  return PercentWords(100 * (now - then) / then);
}

std::string SincePrior(const LongitudinalReport& report, std::size_t t) {
  const TimepointTotals& totals = report.totals[t];
  if (!totals.matched)
    return report.timepoints()[t].is_final ? "the first final timepoint" : "there is no final timepoint before";
  const double then = report.totals[totals.matched->prior].total_ml;
  std::string words = SignedMl(totals.total_ml - then);
  const std::string percent = PercentOf(then, totals.total_ml);
  if (!percent.empty()) words.append(" (").append(percent).append(")");
  return words.append(" since ").append(report.timepoints()[totals.matched->prior].study_date);
}

// Where there is no final timepoint, what is shown rests on clicks that no person has verified.
Html PreliminaryMark(const LongitudinalReport& report, std::size_t t) {
  Html html;
  if (!report.timepoints()[t].is_final) html << " <span class=\"flag\">PRELIMINARY</span>";
  return html;
}

std::string MatchedWords(const MatchedSum& matched) {
  std::string words = "from " + VolumeDigits(matched.prior_ml);
  const std::string percent = PercentOf(matched.prior_ml, matched.now_ml);
  words.append(" mL").append(percent.empty() ? "" : ", ").append(percent);
  return words.append("; ")
      .append(std::to_string(matched.lesions))
      .append(matched.lesions == 1 ? " lesion" : " lesions");
}

Html Totals(const LongitudinalReport& report, std::size_t t) {
  const TimepointTotals& totals = report.totals[t];
  Html html;
  html << "<section>\n<h2>Totals of " << Text{report.timepoints()[t].study_date} << PreliminaryMark(report, t)
       << "</h2>\n<dl class=\"totals\">\n"
       << Big("Volume of all lesions", VolumeDigits(totals.total_ml).append(" mL"), SincePrior(report, t));
  if (totals.matched)
    html << Big("Of lesions at both times", VolumeDigits(totals.matched->now_ml).append(" mL"),
                MatchedWords(*totals.matched));
  html << "</dl>\n" << BurdenPlot(report) << "</section>\n";
  return html;
}

std::string CountWords(std::size_t count) {
  return count == 0 ? "\xC2\xB7" : std::to_string(count);
}

// Of the latest final timepoint (of the last one, where none is final): how many lesions of each class, against prior,
// baseline and nadir.
Html Counts(const LongitudinalReport& report, std::size_t t) {
  std::map<ChangeClass, std::array<std::size_t, 3>> counts;
  std::size_t without = 0;
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    const Presence presence = report.tracks()[k].cells[t].presence;
    if (presence == Presence::kBefore || presence == Presence::kMerged) continue;
    const CellVerdict& verdict = report.verdicts[k][t];
    if (verdict.change) ++counts[*verdict.change][0];
    if (!verdict.change) ++without;
    if (verdict.baseline) ++counts[verdict.baseline->change.change][1];
    if (verdict.nadir) ++counts[verdict.nadir->change.change][2];
  }
  Html html;
  html << "<h2>Lesions by change since" << PreliminaryMark(report, t)
       << "</h2>\n<table class=\"counts\">\n<thead><tr><th scope=\"col\">Class</th><th "
          "scope=\"col\" class=\"number\">prior</th><th scope=\"col\" class=\"number\">baseline</th><th "
          "scope=\"col\" class=\"number\">nadir</th></tr></thead>\n<tbody>\n";
  for (const ChangeClass change : kClasses) {
    html << "<tr><th scope=\"row\"><span class=\"" << ChipOfChange(change) << "\">" << Text{Word(change)}
         << "</span></th>";
    for (const std::size_t count : counts[change])
      html << "<td class=\"number\">" << Text{CountWords(count)} << "</td>";
    html << "</tr>\n";
  }
  html << "<tr><th scope=\"row\"><span class=\"chip none\">no class</span></th><td class=\"number\">"
       << Text{CountWords(without)} << "</td><td></td><td></td></tr>\n</tbody>\n</table>\n";
  return html;
}

Html ItemOf(const LookAt& item) {
  Html html;
  html << "<li><strong>" << Text{item.what} << "</strong>" << Text{item.why} << "</li>\n";
  return html;
}

// The list names what is gone when it went; the table counts it at every timepoint since.
std::string GoneBefore(const LongitudinalReport& report, std::size_t t) {
  std::string words;
  for (const ChangeClass gone : {ChangeClass::kNotFound, ChangeClass::kNotImaged}) {
    std::size_t count = 0;
    for (std::size_t k = 0; k < report.tracks().size(); ++k) {
      const bool is_listed = std::any_of(report.look_at.begin(), report.look_at.end(),
                                         [&](const LookAt& item) { return item.track == k; });
      count += report.verdicts[k][t].change == gone && !is_listed ? 1 : 0;
    }
    if (count > 0) words.append(words.empty() ? "" : ", ").append(std::to_string(count)).append(" ").append(Word(gone));
  }
  return words;
}

Html LookFirst(const LongitudinalReport& report, std::size_t t) {
  Html html;
  html << "<h2>Look at first</h2>\n";
  if (report.look_at.empty()) html << "<p>Nothing stands out.</p>\n";
  html << "<ul class=\"look\">\n";
  const std::size_t shown = std::min(report.look_at.size(), kMostItems);
  for (std::size_t n = 0; n < shown; ++n) html << ItemOf(report.look_at[n]);
  html << "</ul>\n";
  if (shown < report.look_at.size())
    html << "<p class=\"more\"><a href=\"#look\">and " << Text{std::to_string(report.look_at.size() - shown)}
         << " more below</a></p>\n";
  const std::string gone = GoneBefore(report, t);
  if (!gone.empty())
    html << "<p class=\"legend\">Counted in the table and not listed here, as they were gone or outside before: "
         << Text{gone} << ".</p>\n";
  return html;
}

}  // namespace

Html FirstScreen(const LongitudinalReport& report) {
  const std::size_t t = report.Latest().value_or(report.timepoints().size() - 1);
  Html html;
  html << "<div class=\"first\" id=\"first\">\n"
       << Heading(report) << "<div>\n"
       << Totals(report, t) << "<section>\n"
       << Counts(report, t) << "</section>\n</div>\n<section>\n"
       << LookFirst(report, t) << "</section>\n</div>\n";
  return html;
}

Html LookAtSection(const LongitudinalReport& report) {
  Html html;
  if (report.look_at.size() <= kMostItems) return html;
  html << "<section id=\"look\">\n<h2>All that is to be looked at</h2>\n<ul class=\"look\">\n";
  for (const LookAt& item : report.look_at) html << ItemOf(item);
  html << "</ul>\n</section>\n";
  return html;
}

}  // namespace dinsd
