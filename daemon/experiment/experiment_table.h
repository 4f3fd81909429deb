#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/experiment/experiment.h"
#include "daemon/experiment/run_experiment.h"
#include "pipeline/report/html.h"

namespace dinsd {

/// One number of a table. Its mean is over cases of the mean over seeds, its interval a bootstrap over cases.
struct TableCell {
  double mean = 0;
  std::optional<Interval> interval;
  std::optional<double> seed_sd;  // of the mean over cases, between seeds
  double case_sd = 0;             // between cases, of the mean over seeds
  std::size_t cases = 0;
  std::size_t seeds = 0;
};

/// What an interaction says of a measure; nothing where its time was not measured.
[[nodiscard]] std::optional<double> MeasureOf(const Measure& measure, const InteractionCase& a_case, double target);

/// Nothing where the row has no run, or none of that measure. Throws std::runtime_error where runs of two seeds have
/// other cases.
[[nodiscard]] std::optional<TableCell> CellOf(const RowResult& row, const Measure& measure,
                                              const Experiment& experiment);

/// Panels of the rows in their order; one empty panel where there are none.
[[nodiscard]] std::vector<std::string> PanelsOf(const Experiment& experiment);

/// What the networks are beside the paper's, a sentence; empty where none was trained.
[[nodiscard]] std::string ReductionWords(const Experiment& experiment, std::size_t data);

// Same experiment, same bytes, minutes of trainings and interactions apart: no other time, no folder, no machine in any
// of them.

[[nodiscard]] std::string TableMarkdown(const Experiment& experiment, const ExperimentResult& result);
[[nodiscard]] std::string TableCsv(const Experiment& experiment, const ExperimentResult& result);
[[nodiscard]] std::string TableJson(const Experiment& experiment, const ExperimentResult& result);
[[nodiscard]] std::string TableHtml(const Experiment& experiment, const ExperimentResult& result);

/// A picture of a table, by its file's name without ending.
struct TablePicture {
  std::string name;
  std::string title;
  Html svg;
};

/// Per data set and panel, DSC over clicks (or bars of it with their sd between cases); per data set the losses of the
/// trainings over their steps. Only what has numbers.
[[nodiscard]] std::vector<TablePicture> PicturesOf(const Experiment& experiment, const ExperimentResult& result);

}  // namespace dinsd
