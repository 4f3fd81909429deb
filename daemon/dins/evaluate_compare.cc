#include <cstdio>
#include <filesystem>

#include "daemon/dins/evaluate_command.h"
#include "daemon/evaluate/file_text.h"
#include "pipeline/evaluate/comparison.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

void Print(const MethodComparison& comparison) {
  std::printf("%zu cases; %s against\n%6s  %-24s %8s %8s %10s  %-18s %9s %9s\n", comparison.cases.size(),
              CleanLine(comparison.first).c_str(), "clicks", "other", "first", "other", "difference", "interval", "p",
              "p (Holm)");
  for (const MethodRow& row : comparison.rows) {
    const std::string interval =
        row.interval ? FixedDigits(row.interval->low, 3) + " to " + FixedDigits(row.interval->high, 3) : "";
    std::printf("%6d  %-24s %8.3f %8.3f %+10.3f  %-18s %9s %9s\n", row.clicks, CleanLine(row.other).c_str(),
                row.first_mean, row.other_mean, row.difference, interval.c_str(),
                row.p ? FixedDigits(*row.p, 4).c_str() : "", row.p_holm ? FixedDigits(*row.p_holm, 4).c_str() : "");
  }
}

}  // namespace

void EvaluateComparison(const EvaluateArguments& arguments) {
  std::vector<InteractionRun> runs;
  for (const std::string& file : arguments.compare) {
    runs.push_back(ParseRun(RequiredFileText(file), std::filesystem::path(file).filename().string()));
  }
  const MethodComparison comparison = CompareMethods(std::move(runs), arguments.at_clicks, arguments.options.bootstrap);
  WriteReportFile(arguments.out, "comparison.json", ComparisonJson(comparison));
  WriteReportFile(arguments.out, "comparison.csv", ComparisonCsv(comparison));
  WriteReportFile(arguments.out, "comparison.html", ComparisonHtml(comparison));
  WriteReportFile(arguments.out, "dsc_over_clicks.svg", DiceCurvesSvg(comparison.runs));
  Print(comparison);
}

}  // namespace dinsd
