#include <algorithm>

#include "pipeline/report/html_sections.h"
#include "pipeline/report/pictures.h"
#include "pipeline/report/report_facts.h"

namespace dinsd {
namespace {

// How a warning begins that says why a study is out of domain.
constexpr std::string_view kOutOfDomain = "out of domain: ";

std::string OrUnknown(const std::string& text) {
  return text.empty() ? "not known" : text;
}

Html Item(const Markup& name, const std::string& value) {
  Html item;
  item << "<div><dt>" << name << "</dt><dd>" << Text{value} << "</dd></div>\n";
  return item;
}

Html BigNumber(const Markup& name, const std::string& value, const Markup& unit, const std::string& note) {
  Html item;
  item << "<div><dt>" << name << "</dt><dd><strong>" << Text{value} << "</strong>" << unit;
  if (!note.empty()) item << "<small>" << Text{note} << "</small>";
  item << "</dd></div>\n";
  return item;
}

std::string Counted(int count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

// Nobody looked for it where no network ran.
Html SeenButNotMarked(const StudyResult& result) {
  const Markup name = "Seen but not marked";
  if (result.imported) return BigNumber(name, "not looked for", "", "no network ran");
  const std::string note = result.unprompted_voxels == 0 ? ""
                                                         : Counted(result.unprompted_components, "piece", "pieces") +
                                                               " that no click reaches; in no total";
  return BigNumber(name, VolumeDigits(result.unprompted_ml), " mL", note);
}

std::string PatientLine(const StudyIdentity& identity) {
  std::string line;
  const auto add = [&line](const std::optional<double>& value, int decimals, const std::string& unit) {
    if (value) line += (line.empty() ? "" : ", ") + FixedDigits(*value, decimals) + " " + unit;
  };
  add(identity.age_years, 0, "years");
  add(identity.weight_kg, 1, "kg");
  add(identity.size_m, 2, "m");
  return line;
}

Html FinalOrPreliminary(const StudyResult& result) {
  Html html;
  if (result.imported) {
    html << "<p class=\"final\"><strong>Final, imported.</strong> The outlines were made by others ("
         << Text{result.imported->maker}
         << ") and taken as they are: no network ran and nobody clicked. Only the volumes "
         << "were measured here.</p>\n";
    return html;
  }
  if (!IsPreliminary(result)) {
    html << "<p class=\"final\"><strong>Final.</strong> Every click behind these volumes counts as verified.</p>\n";
    return html;
  }
  const std::vector<ResolvedLesion>& lesions = result.resolved.lesions;
  const bool is_proposed = std::any_of(lesions.begin(), lesions.end(), HasProposedClick);
  html << "<p class=\"alert\"><strong>PRELIMINARY.</strong> "
       << (is_proposed ? Markup("At least one click behind these volumes was proposed by a program and has not been "
                                "verified by a person.")
                       : Markup("Not everything that these volumes rest on was there or has been verified; the remarks "
                                "say what."))
       << "</p>\n";
  return html;
}

}  // namespace

Html HeadingSection(const StudyResult& result, const ReportContext& context) {
  const StudyIdentity& identity = result.study.identity;
  Html html;
  html << "<header>\n<p class=\"research\"><strong>Research use only.</strong> Not a medical device; not for diagnosis "
       << "or treatment.</p>\n<h1>Tumour volumes <span>" << Text{result.study.name}
       << "</span></h1>\n<dl class=\"facts\">\n"
       << Item("Patient (pseudonym)", OrUnknown(identity.patient))
       << Item("Study date", OrUnknown(identity.study_date));
  const std::string patient = PatientLine(identity);
  if (!patient.empty()) html << Item("At the study", patient);
  html << Item("Sequence", OrUnknown(result.image.sequence)) << Item("Report made", OrUnknown(context.created));
  if (!context.job_id.empty()) html << Item("Job", context.job_id);
  html << Item("Revision", std::to_string(context.revision)) << "</dl>\n</header>\n";
  return html;
}

Html StateSection(const StudyResult& result) {
  Html html;
  html << "<section class=\"state\" aria-label=\"State of this result\">\n";
  if (TotalsOf(result).with_voxels == 0) {
    html << "<p class=\"alert\"><strong>No tumour was segmented.</strong> "
         << Text{result.empty_reason.empty() ? "No voxel belongs to a marked lesion." : result.empty_reason}
         << "</p>\n";
  }
  html << FinalOrPreliminary(result);
  if (result.is_out_of_domain) {
    html << "<p class=\"alert\"><strong>Out of domain.</strong> The network was not trained for images of this kind; "
            "its "
         << "contours must be looked at one by one before a volume is used.";
    for (const std::string& warning : WarningsOf(result)) {
      if (warning.starts_with(kOutOfDomain)) html << " Reason: " << Text{warning.substr(kOutOfDomain.size())} << ".";
    }
    html << "</p>\n";
  }
  for (const std::string& warning : WarningsOf(result)) {
    if (result.is_out_of_domain && warning.starts_with(kOutOfDomain)) continue;
    html << "<p class=\"alert\"><strong>Warning.</strong> " << Text{warning} << "</p>\n";
  }
  html << "</section>\n";
  return html;
}

Html TotalsSection(const StudyResult& result) {
  const ReportTotals totals = TotalsOf(result);
  const std::string empty = totals.with_voxels < totals.lesions
                                ? std::to_string(totals.lesions - totals.with_voxels) + " of them without a voxel"
                                : "";
  Html html;
  html << "<section>\n<h2>Totals</h2>\n<dl class=\"totals\">\n"
       << BigNumber("Lesions marked", std::to_string(totals.lesions), "", empty)
       << BigNumber("Volume of all lesions", VolumeDigits(result.total_ml), " mL", "")
       << BigNumber("Largest lesion", totals.largest != nullptr ? VolumeDigits(totals.largest->volume_ml) : "none",
                    totals.largest != nullptr ? Markup(" mL") : Markup(""),
                    totals.largest != nullptr ? "No. " + std::to_string(totals.largest->label) : "")
       << BigNumber("Below measurable", std::to_string(totals.below_measurable), "",
                    "span fewer than " + std::to_string(result.options.measurable_slices) + " slices")
       << SeenButNotMarked(result) << "</dl>\n</section>\n";
  return html;
}

Html OverviewSection(const StudyResult& result) {
  Html html;
  html << "<section>\n<h2>Whole volume</h2>\n";
  if (!HasPictures(result)) {
    html << "<p>No pictures: the image is not part of this result.</p>\n</section>\n";
    return html;
  }
  html << ProjectionFigure(result) << "</section>\n";
  return html;
}

}  // namespace dinsd
