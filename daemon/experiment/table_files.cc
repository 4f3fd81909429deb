#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/experiment/experiment_table.h"
#include "daemon/experiment/table_comparison.h"
#include "pipeline/evaluate/csv_line.h"
#include "pipeline/evaluate/page.h"
#include "pipeline/evaluate/statistics_json.h"
#include "pipeline/report/report_json.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

int DecimalsOf(const Measure& measure) {
  return measure.kind == MeasureKind::kClicks ? 1 : 3;
}

int PaperDecimalsOf(const Measure& measure) {
  return measure.kind == MeasureKind::kClicks ? 1 : 2;
}

std::optional<double> PaperOf(const ExperimentRow& row, const Measure& measure) {
  const auto found = row.paper.find(measure.word);
  return found == row.paper.end() ? std::nullopt : std::optional(found->second);
}

std::string CellWords(const std::optional<TableCell>& cell, int decimals) {
  if (!cell) return "not run";
  std::string words = FixedDigits(cell->mean, decimals);
  if (cell->interval) {
    words.append(" (").append(FixedDigits(cell->interval->low, decimals)).append(" to ");
    words.append(FixedDigits(cell->interval->high, decimals)).append(")");
  }
  if (cell->seed_sd) words += ", sd " + FixedDigits(*cell->seed_sd, decimals);
  return words;
}

// "900 to 1,500" of whole numbers.
std::string RangeWords(std::vector<double> values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const std::string first = FixedDigits(*low, 0), last = FixedDigits(*high, 0);
  return first == last ? first : first + " to " + last;
}

// Empty where the row was not trained.
std::string TrainingWords(const RowResult& result) {
  std::vector<double> steps, minutes;
  std::size_t patient = 0;
  for (const TrainingOutcome& training : result.trainings) {
    steps.push_back(static_cast<double>(training.steps));
    minutes.push_back(training.minutes);
    patient += training.is_out_of_patience ? 1U : 0U;
  }
  if (steps.empty()) return "";
  std::string words = RangeWords(steps) + " steps, " + RangeWords(minutes) + " min";
  if (patient < steps.size()) {
    words += "; " + std::to_string(steps.size() - patient) + " of " + std::to_string(steps.size()) +
             " ended at the last step, before patience";
  }
  return words;
}

std::string NoteOf(const ExperimentRow& row, const RowResult& result) {
  if (result.not_run.empty()) return row.note;
  return "not run: " + result.not_run + (row.note.empty() ? "" : "; " + row.note);
}

// A bar or a line break would end a cell.
std::string MarkdownText(const std::string& text) {
  std::string clean;
  for (const char c : CleanLine(text)) {
    if (c == '|' || c == '\\' || c == '<') clean += '\\';
    clean += c;
  }
  return clean;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line.append(" ").append(MarkdownText(cell)).append(" |");
  return line + "\n";
}

std::string MarkdownTable(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  std::string table = MarkdownRow(headings);
  table += '|';
  for (std::size_t i = 0; i < headings.size(); ++i) table += "---|";
  table += "\n";
  for (const auto& cells : rows) table += MarkdownRow(cells);
  return table;
}

// Headings and rows of ComparisonCells.
struct ComparisonTable {
  explicit ComparisonTable(const MethodComparison& comparison) : rows(ComparisonCells(comparison)) {
    headings = rows.front();
    rows.erase(rows.begin());
  }
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
};

std::vector<std::string> Headings(const Experiment& experiment) {
  std::vector<std::string> headings = {"method"};
  for (const Measure& measure : experiment.measures) {
    headings.push_back(measure.Title(experiment.target) + ": paper");
    headings.push_back("here");
  }
  headings.emplace_back("training");
  headings.emplace_back("note");
  return headings;
}

std::vector<std::string> RowCells(const Experiment& experiment, const ExperimentRow& row, const RowResult& result) {
  std::string label = row.label;
  if (!row.panel.empty()) label.append(" [").append(row.panel).append("]");
  std::vector<std::string> cells = {label};
  for (const Measure& measure : experiment.measures) {
    const std::optional<double> paper = PaperOf(row, measure);
    cells.push_back(paper ? FixedDigits(*paper, PaperDecimalsOf(measure)) : "-");
    const std::optional<TableCell> cell = CellOf(result, measure, experiment);
    cells.push_back(!cell && !result.runs.empty() ? "not measured" : CellWords(cell, DecimalsOf(measure)));
  }
  cells.push_back(TrainingWords(result));
  cells.push_back(NoteOf(row, result));
  return cells;
}

std::vector<std::vector<std::string>> AllCells(const Experiment& experiment, const DataResult& data) {
  std::vector<std::vector<std::string>> rows;
  for (std::size_t r = 0; r < data.rows.size(); ++r)
    rows.push_back(RowCells(experiment, experiment.rows[r], data.rows[r]));
  return rows;
}

std::string CasesWords(const DataResult& data) {
  std::size_t cases = 0, seeds = 0;
  for (const RowResult& row : data.rows) {
    if (row.runs.empty()) continue;
    cases = std::max(cases, row.runs.front().cases.size());
    seeds = std::max(seeds, row.runs.size());
  }
  if (cases == 0) return "No row has been run.";
  return std::to_string(cases) + (cases == 1 ? " case, " : " cases, ") + std::to_string(seeds) +
         (seeds == 1 ? " seed." : " seeds.");
}

std::string NumbersWords(const Experiment& experiment) {
  return (experiment.here.empty() ? "" : "Here: " + experiment.here + " ") +
         "Numbers: mean over cases of the mean over seeds, (" + ExactDigits(100 * experiment.bootstrap.level) +
         " % interval by bootstrap over cases), sd between seeds where there are several. A budget of " +
         std::to_string(experiment.clicks) + " clicks; where the target is not reached, the budget is counted.";
}

// A data set that nobody asked for has no place on a page; CSV and JSON have it.
bool IsAskedFor(const DataResult& data) {
  return std::any_of(data.rows.begin(), data.rows.end(), [](const RowResult& r) { return r.not_run != kNotAskedFor; });
}

nlohmann::json CellJson(const std::optional<TableCell>& cell) {
  if (!cell) return nullptr;
  return {{"mean", cell->mean},
          {"interval", IntervalJson(cell->interval)},
          {"seed_sd", NumberOrNull(cell->seed_sd)},
          {"case_sd", cell->case_sd},
          {"cases", cell->cases},
          {"seeds", cell->seeds}};
}

nlohmann::json RowJson(const Experiment& experiment, const ExperimentRow& row, const RowResult& result) {
  nlohmann::json json = {{"name", row.name},
                         {"label", row.label},
                         {"panel", row.panel},
                         {"method", row.method},
                         {"note", row.note},
                         {"not_run", result.not_run.empty() ? nlohmann::json() : nlohmann::json(result.not_run)},
                         {"trainings", nlohmann::json::array()},
                         {"method_sha256", nlohmann::json::array()},
                         {"measures", nlohmann::json::object()},
                         {"dsc_after_click", nlohmann::json::array()}};
  for (const TrainingOutcome& training : result.trainings) {
    json["trainings"].push_back({{"steps", training.steps},
                                 {"minutes", std::lround(training.minutes)},
                                 {"out_of_patience", training.is_out_of_patience}});
  }
  for (const InteractionRun& run : result.runs) json["method_sha256"].push_back(run.method_sha256);
  for (const Measure& measure : experiment.measures) {
    json["measures"][measure.word] = {{"paper", NumberOrNull(PaperOf(row, measure))},
                                      {"here", CellJson(CellOf(result, measure, experiment))}};
  }
  for (int click = 1; click <= experiment.clicks && !result.runs.empty(); ++click)
    json["dsc_after_click"].push_back(CellJson(CellOf(result, {"", MeasureKind::kDsc, click}, experiment)));
  return json;
}

}  // namespace

std::string TableMarkdown(const Experiment& experiment, const ExperimentResult& result) {
  std::string text = "# Table " + experiment.table + ": " + CleanLine(experiment.title) +
                     "\n\nThe paper: " + CleanLine(experiment.paper) + "\n\n" + NumbersWords(experiment) + "\n";
  const std::vector<std::string> headings = Headings(experiment);
  for (std::size_t d = 0; d < result.data.size(); ++d) {
    if (!IsAskedFor(result.data[d])) continue;
    const ExperimentData& data = experiment.data[d];
    text += "\n## " + data.set + "\n\nDifference of data: " + CleanLine(data.difference) + " " +
            CasesWords(result.data[d]) + "\n" + ReductionWords(experiment, d) + "\n\n" +
            MarkdownTable(headings, AllCells(experiment, result.data[d]));
    if (const auto comparison = ComparisonOf(experiment, result.data[d])) {
      const ComparisonTable table(*comparison);
      text.append("\n").append(MarkdownText(ComparisonWords(*comparison))).append("\n\n");
      text += MarkdownTable(table.headings, table.rows);
    }
  }
  return text;
}

std::string TableCsv(const Experiment& experiment, const ExperimentResult& result) {
  std::string csv = CsvLine({"table", "set", "row", "label", "panel", "measure", "paper", "here", "low", "high",
                             "seed_sd", "case_sd", "cases", "seeds", "not_run"});
  for (const DataResult& data : result.data) {
    for (std::size_t r = 0; r < data.rows.size(); ++r) {
      const ExperimentRow& row = experiment.rows[r];
      for (const Measure& measure : experiment.measures) {
        const std::optional<TableCell> cell = CellOf(data.rows[r], measure, experiment);
        std::vector<std::string> cells = {experiment.table,
                                          data.set,
                                          row.name,
                                          row.label,
                                          row.panel,
                                          measure.word,
                                          NumberCell(PaperOf(row, measure))};
        if (cell) {
          cells.insert(cells.end(), {NumberCell(cell->mean),
                                     NumberCell(cell->interval ? std::optional(cell->interval->low) : std::nullopt),
                                     NumberCell(cell->interval ? std::optional(cell->interval->high) : std::nullopt),
                                     NumberCell(cell->seed_sd), NumberCell(cell->case_sd), std::to_string(cell->cases),
                                     std::to_string(cell->seeds)});
        }
        cells.resize(14);
        cells.push_back(data.rows[r].not_run);
        csv += CsvLine(cells);
      }
    }
  }
  return csv;
}

std::string TableJson(const Experiment& experiment, const ExperimentResult& result) {
  nlohmann::json json = {{"schema", "dins-experiment/1"},
                         {"table", experiment.table},
                         {"title", experiment.title},
                         {"paper", experiment.paper},
                         {"clicks", experiment.clicks},
                         {"target", experiment.target},
                         {"bootstrap", BootstrapJson(experiment.bootstrap)}};
  json["data"] = nlohmann::json::array();
  for (std::size_t d = 0; d < result.data.size(); ++d) {
    nlohmann::json rows = nlohmann::json::array();
    for (std::size_t r = 0; r < experiment.rows.size(); ++r)
      rows.push_back(RowJson(experiment, experiment.rows[r], result.data[d].rows[r]));
    json["data"].push_back({{"set", result.data[d].set},
                            {"difference", experiment.data[d].difference},
                            {"reduction", ReductionWords(experiment, d)},
                            {"folds", experiment.data[d].folds},
                            {"split_seed", experiment.data[d].split_seed},
                            {"rows", rows}});
  }
  CleanStrings(json);
  return json.dump(2) + "\n";
}

std::string TableHtml(const Experiment& experiment, const ExperimentResult& result) {
  Html body;
  body << "<p>The paper: " << Text{experiment.paper} << "</p>\n<p>" << Text{NumbersWords(experiment)} << "</p>\n";
  for (std::size_t d = 0; d < result.data.size(); ++d) {
    if (!IsAskedFor(result.data[d])) continue;
    body << "<section>\n<h2>" << Text{result.data[d].set}
         << "</h2>\n<p>Difference of data: " << Text{experiment.data[d].difference} << " "
         << Text{CasesWords(result.data[d])} << "</p>\n<p>" << Text{ReductionWords(experiment, d)} << "</p>\n"
         << NumberTable(Headings(experiment), AllCells(experiment, result.data[d]));
    if (const auto comparison = ComparisonOf(experiment, result.data[d])) {
      const ComparisonTable table(*comparison);
      body << "<p>" << Text{ComparisonWords(*comparison)} << "</p>\n" << NumberTable(table.headings, table.rows);
    }
    body << "</section>\n";
  }
  for (const TablePicture& picture : PicturesOf(experiment, result))
    body << "<section>\n<h2>" << Text{picture.title} << "</h2>\n" << picture.svg << "</section>\n";
  return EvaluationPage("Table " + experiment.table + ": " + experiment.title, body);
}

}  // namespace dinsd
