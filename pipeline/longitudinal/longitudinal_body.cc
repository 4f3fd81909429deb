#include "pipeline/longitudinal/longitudinal_sections.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

std::string MlOr(const std::optional<double>& ml, const char* none) {
  return ml ? VolumeDigits(*ml) : none;
}

// "job 7, r2 (before it: r1 preliminary)".
std::string ResultWords(const PatientTimepoint& timepoint) {
  std::string words = "job ";
  words.append(std::to_string(timepoint.job)).append(", r").append(std::to_string(timepoint.revision));
  if (timepoint.superseded.empty()) return words;
  std::string others;
  for (const SupersededRevision& revision : timepoint.superseded) {
    others.append(others.empty() ? "" : ", ").append("r").append(std::to_string(revision.revision));
    others.append(" ").append(revision.standing);
  }
  return words.append("; other revisions: ").append(others);
}

std::string MethodWords(const LongitudinalReport& report, std::size_t t) {
  const MeasuringMethod& method = report.timepoints()[t].method;
  std::string words = method.weights;
  const auto add = [&words](const std::string& part, const char* separator) {
    if (!part.empty()) words.append(words.empty() ? "" : separator).append(part);
  };
  add(method.weights_sha256.substr(0, 8), ", ");
  add(method.software, "; ");
  const std::optional<std::size_t> latest = report.Latest();
  if (!latest || t == *latest) return words;
  const std::string difference = DifferenceInWords(method, report.timepoints()[*latest].method);
  if (!difference.empty()) add("than the latest: " + difference, "; ");
  return words;
}

std::string BodyWords(const PatientTimepoint& timepoint) {
  std::string words;
  const auto add = [&words](const std::optional<double>& value, int decimals, const char* unit) {
    if (value) words.append(words.empty() ? "" : ", ").append(FixedDigits(*value, decimals)).append(unit);
  };
  add(timepoint.age_years, 0, " years");
  add(timepoint.weight_kg, 1, " kg");
  add(timepoint.size_m, 2, " m");
  for (const double determinant : timepoint.affine_determinants)
    words.append(words.empty() ? "" : ", ").append("affine ").append(FixedDigits(determinant, 3));
  return words;
}

std::string NotesOf(const LongitudinalReport& report, std::size_t t) {
  const PatientTimepoint& timepoint = report.timepoints()[t];
  std::string notes;
  const auto add = [&notes](bool is_so, const std::string& note) {
    if (is_so) notes.append(notes.empty() ? "" : "; ").append(note);
  };
  add(timepoint.is_out_of_domain, "out of domain");
  add(timepoint.has_geometry_warning, "geometry warning");
  add(timepoint.followed.has_value(),
      "clicks proposed from job " + std::to_string(timepoint.followed ? timepoint.followed->job : 0));
  add(!report.images_gone[t].empty(), report.images_gone[t]);
  for (const PairFinding& finding : report.followed.findings) {
    if (finding.later != t) continue;
    std::string words = "beside ";
    words.append(report.timepoints()[finding.earlier].study_date);
    add(true, words.append(finding.is_compared ? ": " : ", not compared: ").append(finding.sentence));
  }
  for (const std::string& warning : timepoint.warnings) add(true, warning);
  return notes;
}

Html TimepointRow(const LongitudinalReport& report, std::size_t t) {
  const PatientTimepoint& timepoint = report.timepoints()[t];
  const TimepointTotals& totals = report.totals[t];
  Html html;
  html << "<tr><th scope=\"row\">" << Text{timepoint.study_date} << "</th><td>"
       << (timepoint.is_final ? Markup("final") : Markup("<span class=\"flag\">PRELIMINARY</span>")) << "</td><td>"
       << Text{ResultWords(timepoint)} << "</td><td class=\"number\">" << Text{std::to_string(totals.lesions)}
       << "</td><td class=\"number\">" << Text{VolumeDigits(totals.total_ml)} << "</td><td class=\"number\">";
  if (totals.matched)
    html << Text{VolumeDigits(totals.matched->prior_ml)} << " \xE2\x86\x92 "
         << Text{VolumeDigits(totals.matched->now_ml)};
  html << "</td><td>" << Text{BodyWords(timepoint)} << "</td><td>" << Text{MethodWords(report, t)} << "</td><td>"
       << Text{NotesOf(report, t)} << "</td></tr>\n";
  return html;
}

Html LeftOut(const LongitudinalReport& report) {
  Html html;
  if (report.history.left_out.empty()) return html;
  html << "<p><strong>Left out:</strong></p>\n<ul>\n";
  for (const LeftOutResult& left : report.history.left_out) {
    html << "<li>job " << Text{std::to_string(left.job)} << ", r" << Text{std::to_string(left.revision)};
    if (!left.study_date.empty()) html << ", study of " << Text{left.study_date};
    html << ": " << Text{left.reason} << "</li>\n";
  }
  html << "</ul>\n";
  return html;
}

Html DateHeads(const LongitudinalReport& report) {
  Html html;
  for (const PatientTimepoint& timepoint : report.timepoints()) {
    html << "<th scope=\"col\" class=\"number\">" << Text{timepoint.study_date};
    if (!timepoint.is_final) html << "<br><span class=\"flag\">preliminary</span>";
    html << "</th>";
  }
  return html;
}

Html CellOf(const LongitudinalReport& report, std::size_t k, std::size_t t) {
  Html html;
  html << "<td class=\"number\">";
  if (const std::optional<double> ml = CellVolume(report, k, t)) html << Text{VolumeDigits(*ml)} << "<br>";
  html << ClassChip(report, k, t);
  const std::optional<ReferenceChange>& prior = report.verdicts[k][t].prior;
  if (prior) html << "<br>" << Text{PercentWords(prior->change.percent)};
  html << "</td>";
  return html;
}

}  // namespace

Html TimepointsSection(const LongitudinalReport& report) {
  Html html;
  html << "<section>\n<h2>Timepoints</h2>\n<div class=\"wide-table\"><table>\n<thead><tr><th "
          "scope=\"col\">Study</th><th "
          "scope=\"col\">Standing</th><th scope=\"col\">Result</th><th scope=\"col\" class=\"number\">Lesions</th><th "
          "scope=\"col\" class=\"number\">All, mL</th><th scope=\"col\" class=\"number\">At both times, mL</th><th "
          "scope=\"col\">Patient</th><th scope=\"col\">Method</th><th scope=\"col\">Notes</th></tr></thead>\n<tbody>\n";
  for (std::size_t t = 0; t < report.timepoints().size(); ++t) html << TimepointRow(report, t);
  html
      << "</tbody>\n</table></div>\n<p class=\"legend\">At both times: the lesions that this study and the last final "
         "one "
         "before it both have, then and now. It differs from all lesions where some are new, gone, or outside of a "
         "field "
         "of view. Affine: the body's volume in the prior image over that in this one, by registration; it corrects no "
         "volume.</p>\n"
      << LeftOut(report) << "</section>\n";
  return html;
}

Html WholeBodySection(const LongitudinalReport& report, const LongitudinalPictures& pictures) {
  Html html;
  const std::optional<std::size_t> latest = report.Latest();
  if (pictures.whole_body.empty() || !latest) return html;
  html
      << "<section>\n<h2>Whole volume, " << Text{report.timepoints()[*latest].study_date}
      << "</h2>\n<figure class=\"projection\">" << pictures.whole_body
      << "<figcaption><p>Each line is the outline of a lesion's mask over all slices, coloured by its change since the "
         "prior final timepoint; beside the picture stand its number and the change, or its class.</p>"
         "<p><span class=\"chip increase\">increase</span> <span class=\"chip decrease\">decrease</span> <span "
         "class=\"chip stable\">stable</span> (white) <span class=\"chip uncertain\">uncertain</span> (dashed) <span "
         "class=\"chip new\">new</span> <span class=\"chip gone\">not_found</span> (a cross where it should be) <span "
         "class=\"chip below\">no class</span> (grey, dashed)</p>";
  if (!report.images_gone[*latest].empty())
    html << "<p>The images are not there any more: outlines alone. " << Text{report.images_gone[*latest]} << "</p>";
  html << "</figcaption></figure>\n</section>\n";
  return html;
}

Html PartsSection(const LongitudinalReport& report) {
  Html html;
  if (report.parts.empty()) return html;
  html << "<section>\n<h2>Burden by region and kind, mL</h2>\n<div class=\"wide-table\"><table>\n<thead><tr><th "
          "scope=\"col\">By</th><th scope=\"col\"></th>"
       << DateHeads(report) << "</tr></thead>\n<tbody>\n";
  for (const BurdenPart& part : report.parts) {
    html << "<tr><td>" << Text{part.kind} << "</td><th scope=\"row\">" << Text{part.name} << "</th>";
    for (const std::optional<double>& ml : part.ml) html << "<td class=\"number\">" << Text{MlOr(ml, "")} << "</td>";
    html << "</tr>\n";
  }
  html << "</tbody>\n</table></div>\n<p class=\"legend\">As the clicks of each result say it. Empty: no lesion of it "
          "was "
          "measured.</p>\n</section>\n";
  return html;
}

Html CellsSection(const LongitudinalReport& report) {
  Html html;
  html << "<section>\n<h2>All lesions at all timepoints</h2>\n<div class=\"wide-table\"><table>\n<thead><tr><th "
          "scope=\"col\" class=\"number\">No.</th><th scope=\"col\">Lesion</th>"
       << DateHeads(report)
       << "<th scope=\"col\">Since baseline</th><th scope=\"col\">Since nadir</th><th "
          "scope=\"col\">Confirmed response</th></tr></thead>\n<tbody>\n";
  const std::size_t latest = report.Latest().value_or(report.timepoints().size() - 1);
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    html << "<tr><td class=\"number\">" << Text{std::to_string(k + 1)} << "</td><th scope=\"row\">"
         << Text{report.tracks()[k].id} << "</th>";
    for (std::size_t t = 0; t < report.timepoints().size(); ++t) html << CellOf(report, k, t);
    const CellVerdict& verdict = report.verdicts[k][latest];
    html << "<td>" << Text{verdict.baseline ? ChangeWords(report, *verdict.baseline) : ""} << "</td><td>"
         << Text{verdict.nadir ? ChangeWords(report, *verdict.nadir) : ""} << "</td><td>" << Text{verdict.confirmed_on}
         << "</td></tr>\n";
  }
  html
      << "</tbody>\n</table></div>\n<p class=\"legend\">In each cell: the lesion's own volume in mL, its class against "
         "the last final timepoint before, and the change in percent, of sums where lesions grew together or fell "
         "apart. "
         "The last three columns are of the latest final timepoint. longitudinal.csv has every figure.</p>\n"
         "</section>\n";
  return html;
}

}  // namespace dinsd
