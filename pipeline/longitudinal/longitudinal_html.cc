#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/longitudinal/longitudinal_sections.h"
#include "pipeline/report/html_sections.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {

Html WordsSection(const LongitudinalReport& report) {
  Html html;
  html
      << "<section>\n<h2>What the words mean</h2>\n<ul class=\"trust\">\n<li><strong>Prior</strong> is the last final "
         "timepoint before, <strong>baseline</strong> the first one at which the lesion was measured"
      << Text{report.rules.baseline_date.empty()
                  ? ""
                  : " from " + report.rules.baseline_date +
                        " on, which is marked (its class and percent are against the prior all the same)"}
      << ", <strong>nadir</strong> that of its smallest volume since then. Preliminary results are never a "
         "reference.</li>\n"
         "<li><strong>increase, decrease</strong>: by "
      << Text{FixedDigits(report.rules.change.percent, 0)}
      << " % or more, and the 95 % interval of the change excludes 0. <strong>uncertain</strong>: by as much, but the "
         "interval holds 0 or is not known. <strong>stable</strong>: by less, as measured; where its interval reaches "
         "that far or is not known, so that a larger change is not excluded, the reason says so. An increase against "
         "the nadir is progression.</li>\n"
         "<li><strong>Confirmed response</strong>: a decrease against the baseline on consecutive final scans at least "
      << Text{std::to_string(report.rules.confirming_months)}
      << " months apart; a scan that does not show or find the lesion breaks the row.</li>\n"
         "<li><strong>new</strong>: its place was imaged before, and no final result has it there; where a preliminary "
         "one "
         "shows it already, that is said. <strong>not_found</strong>: "
         "its "
         "place is imaged, and no lesion of the result is there; that may mean that nobody clicked it. "
         "<strong>not_imaged</strong>: its place is outside of the field of view.</li>\n"
         "<li><strong>below_measurable</strong>: it spans too few slices then or now for a verdict.</li>\n"
         "<li><strong>merged, split</strong>: lesions that grew together, or fell apart; changes are of their "
         "sums, and baseline and nadir are sums of the same lesions.</li>\n"
         "<li><strong>model_mismatch</strong>: the two were measured with other weights, options or versions, so a "
         "difference may be the method's.</li>\n"
         "<li>Lesions are the same one where their tracking UIDs are equal, or where their places match once the two "
         "images are registered. Both can be wrong: the pictures show it.</li>\n"
         "</ul>\n</section>\n";
  return html;
}

std::string LongitudinalHtml(const LongitudinalReport& report, const LongitudinalPictures& pictures) {
  Html page;
  page << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
       << "style-src 'unsafe-inline'\">\n<meta name=\"generator\" content=\"" << Text{report.software} << "\">\n<title>"
       << Text{"Tumour volumes over time: " + report.history.patient} << "</title>\n"
       << StyleSheet() << LongitudinalStyle() << "</head>\n<body>\n"
       << FirstScreen(report) << "<main>\n"
       << LookAtSection(report) << TimepointsSection(report) << WholeBodySection(report, pictures)
       << CellsSection(report) << PartsSection(report) << LesionsSection(report, pictures) << WordsSection(report)
       << "</main>\n<footer>Research use only. Not a medical device; not for diagnosis or treatment.</footer>\n"
       << "</body>\n</html>\n";
  return page.page();
}

}  // namespace dinsd
