#include <algorithm>
#include <sstream>

#include "daemon/experiment/experiment_table.h"
#include "pipeline/evaluate/chart.h"

namespace dinsd {
namespace {

struct LossColumn {
  const char* name;  // in a training's log
  const char* words;
  const char* file;
};

constexpr LossColumn kLosses[] = {{"loss", "loss of the training", "losses"},
                                  {"validation_loss", "validation loss", "validation-losses"}};

Measure DscAfter(int click) {
  return {"", MeasureKind::kDsc, click};
}

std::string NameOf(const std::string& set, const std::string& panel, const std::string& what) {
  return set + (panel.empty() ? "" : "-" + panel) + "-" + what;
}

std::vector<std::size_t> RowsWithNumbers(const Experiment& experiment, const DataResult& data,
                                         const std::string& panel) {
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < data.rows.size(); ++r) {
    if (experiment.rows[r].panel == panel && !data.rows[r].runs.empty()) rows.push_back(r);
  }
  return rows;
}

Html Curves(const Experiment& experiment, const DataResult& data, const std::vector<std::size_t>& rows) {
  Chart chart({"clicks", 1, static_cast<double>(experiment.clicks)}, {"mean DSC", 0, 1});
  for (const std::size_t r : rows) {
    std::vector<Chart::Point> points;
    for (int click = 1; click <= experiment.clicks; ++click)
      points.emplace_back(click, CellOf(data.rows[r], DscAfter(click), experiment)->mean);
    chart.AddLine(experiment.rows[r].label, points);
  }
  return chart.Svg();
}

Html Bars(const Experiment& experiment, const DataResult& data, const std::vector<std::size_t>& rows) {
  Chart chart({"clicks", 0, static_cast<double>(experiment.bars_at.size())}, {"DSC, mean and sd between cases", 0, 1});
  std::vector<std::string> groups;
  for (const int click : experiment.bars_at) groups.push_back(std::to_string(click));
  chart.NameGroups(groups);
  for (const std::size_t r : rows) {
    std::vector<Chart::Bar> bars;
    for (const int click : experiment.bars_at) {
      const TableCell cell = *CellOf(data.rows[r], DscAfter(click), experiment);
      bars.push_back({cell.mean, cell.case_sd});
    }
    chart.AddBars(experiment.rows[r].label, bars, rows.size());
  }
  return chart.Svg();
}

// Column `name` of a training's log over its first column, the step; nothing where it has no such column.
std::vector<Chart::Point> LogColumn(const std::string& log, const std::string& name) {
  std::istringstream in(log);
  std::string line, cell;
  std::getline(in, line);
  std::istringstream headings(line);
  std::size_t column = 0;
  while (std::getline(headings, cell, ',') && cell != name) ++column;
  std::vector<Chart::Point> points;
  while (cell == name && std::getline(in, line)) {
    std::istringstream cells(line);
    std::string step, value;
    std::getline(cells, step, ',');
    for (std::size_t c = 1; c <= column; ++c) {
      value.clear();
      std::getline(cells, value, ',');
    }
    if (!value.empty()) points.emplace_back(std::strtod(step.c_str(), nullptr), std::strtod(value.c_str(), nullptr));
  }
  return points;
}

// A log has a line every few steps: a mean of so many that a curve has about a hundred points.
std::vector<Chart::Point> Thinned(const std::vector<Chart::Point>& points) {
  constexpr std::size_t kPoints = 100;
  const std::size_t each = std::max<std::size_t>(1, points.size() / kPoints);
  std::vector<Chart::Point> thinned;
  for (std::size_t i = 0; i + each <= points.size(); i += each) {
    double x = 0, y = 0;
    for (std::size_t j = i; j < i + each; ++j) {
      x += points[j].first;
      y += points[j].second;
    }
    thinned.emplace_back(x / static_cast<double>(each), y / static_cast<double>(each));
  }
  return thinned;
}

// A loss of each row's first training; those of its other ones lie beside their logs.
std::optional<Html> Losses(const Experiment& experiment, const DataResult& data, const LossColumn& column) {
  std::vector<std::pair<std::string, std::vector<Chart::Point>>> lines;
  double last = 1, largest = 0;
  for (std::size_t r = 0; r < data.rows.size(); ++r) {
    if (data.rows[r].trainings.empty()) continue;
    const auto points = LogColumn(data.rows[r].trainings.front().log, column.name);
    lines.emplace_back(experiment.rows[r].label, Thinned(points));
    for (const auto& [step, loss] : lines.back().second) {
      last = std::max(last, step);
      largest = std::max(largest, loss);
    }
  }
  if (lines.empty() || largest <= 0) return std::nullopt;
  Chart chart({"step", 0, last}, {std::string(column.words) + ", first seed and fold", 0, largest});
  for (const auto& [label, points] : lines) chart.AddLine(label, points);
  return chart.Svg();
}

}  // namespace

std::vector<TablePicture> PicturesOf(const Experiment& experiment, const ExperimentResult& result) {
  std::vector<TablePicture> pictures;
  for (const DataResult& data : result.data) {
    for (const std::string& panel : PanelsOf(experiment)) {
      const std::vector<std::size_t> rows = RowsWithNumbers(experiment, data, panel);
      if (rows.empty()) continue;
      const std::string where = data.set + (panel.empty() ? "" : " (" + panel + ")");
      if (experiment.picture == PictureKind::kBars) {
        pictures.push_back(
            {NameOf(data.set, panel, "bars"), "DSC after some clicks, " + where, Bars(experiment, data, rows)});
      } else {
        pictures.push_back(
            {NameOf(data.set, panel, "curves"), "Mean DSC over clicks, " + where, Curves(experiment, data, rows)});
      }
    }
    for (const LossColumn& column : kLosses) {
      if (std::optional<Html> losses = Losses(experiment, data, column))
        pictures.push_back(
            {NameOf(data.set, "", column.file), std::string(column.words) + ", " + data.set, *std::move(losses)});
    }
  }
  return pictures;
}

}  // namespace dinsd
