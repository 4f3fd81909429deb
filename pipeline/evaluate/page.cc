#include "pipeline/evaluate/page.h"

namespace dinsd {
namespace {

Html Style() {
  Html html;
  html << R"css(<style>
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 80rem; padding: 1.25rem 1.5rem 3rem; background: #fff; color: #1b1f24;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: .75rem 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .75rem; padding-bottom: .3rem; border-bottom: 2px solid #1b1f24; }
p { margin: .5rem 0; max-width: 60rem; overflow-wrap: anywhere; }
.research { margin: 0; padding: .45rem .8rem; background: #1b1f24; color: #fff; max-width: none; }
.alert { padding: .55rem .8rem; background: #fff4d6; border-left: .4rem solid #b36b00; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9375rem; }
th, td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid #c9d0d6; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
thead th { border-bottom: 2px solid #4a545e; }
th:first-child { text-align: left; font-weight: 600; }
tbody tr:nth-child(even) { background: #f6f8fa; }
svg { display: block; max-width: 48rem; width: 100%; height: auto; }
dl > div { display: grid; grid-template-columns: 14rem 1fr; gap: .25rem 1rem; padding: .3rem 0;
  border-bottom: 1px solid #e3e7eb; font-size: .9375rem; }
dt { font-weight: 600; overflow-wrap: anywhere; }
dd { margin: 0; }
footer { margin-top: 2.5rem; padding-top: .6rem; border-top: 2px solid #1b1f24; font-weight: 600; }
@media (max-width: 40rem) { body { padding: .75rem; } dl > div { grid-template-columns: 1fr; } }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { max-width: none; padding: 0; font-size: 9pt; } tr, svg { break-inside: avoid; } table { font-size: 8pt; }
  .scroll { overflow: visible; } }
</style>
)css";
  return html;
}

}  // namespace

std::string EvaluationPage(const std::string& title, const Html& body) {
  Html page;
  page << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
       << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
       << "<title>" << Text{title} << "</title>\n"
       << Style()
       << "</head>\n<body>\n<header>\n<p class=\"research\"><strong>Research use only.</strong> Not a medical "
       << "device; not for diagnosis or treatment.</p>\n<h1>" << Text{title} << "</h1>\n</header>\n<main>\n"
       << body << "</main>\n<footer>Research use only. Not a medical device; not for diagnosis or treatment.</footer>\n"
       << "</body>\n</html>\n";
  return page.page();
}

Html NumberTable(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  Html table;
  table << "<div class=\"scroll\"><table>\n<thead><tr>";
  for (const std::string& heading : headings) table << "<th>" << Text{heading} << "</th>";
  table << "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : rows) {
    table << "<tr><th>" << Text{row.at(0)} << "</th>";
    for (std::size_t i = 1; i < row.size(); ++i) table << "<td>" << Text{row[i]} << "</td>";
    table << "</tr>\n";
  }
  table << "</tbody>\n</table></div>\n";
  return table;
}

}  // namespace dinsd
