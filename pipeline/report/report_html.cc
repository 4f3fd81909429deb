#include "pipeline/report/html_sections.h"

namespace dinsd {

std::string ReportHtml(const StudyResult& result, const ReportContext& context) {
  Html page;
  page << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
       << "style-src 'unsafe-inline'\">\n<meta name=\"generator\" content=\"" << Text{context.software}
       << "\">\n<title>" << Text{"Tumour volumes: " + result.study.name} << "</title>\n"
       << StyleSheet() << "</head>\n<body>\n"
       << HeadingSection(result, context) << "<main>\n"
       << StateSection(result) << TotalsSection(result) << FollowUpSection(result) << OverviewSection(result)
       << LesionTableSection(result) << LesionPicturesSection(result) << TrustSection(result)
       << MethodSection(result, context)
       << "</main>\n<footer>Research use only. Not a medical device; not for diagnosis or treatment.</footer>\n"
       << "</body>\n</html>\n";
  return page.page();
}

}  // namespace dinsd
