#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/model_manifest.h"
#include "model/train/train_options.h"
#include "pipeline/evaluate/statistics_options.h"

namespace dinsd {

/// What a table counts in one interaction.
enum class MeasureKind {
  kDsc,        // DSC after a number of clicks
  kDscAtStop,  // DSC after the click that reached the target, else after the last one of the budget
  kClicks,     // clicks to the target; where it was not reached, the budget
  kMinutes,    // of computing until then, on the machine that ran it
};

struct Measure {
  std::string word;  // as the file says it: "dsc", "dsc@5", "dsc_at_stop", "clicks", "minutes"
  MeasureKind kind = MeasureKind::kDsc;
  int click = 0;  // of kDsc

  [[nodiscard]] std::string Title(double target) const;
};

/// A data set that every row of a table runs on.
struct ExperimentData {
  std::string set;                        // a folder of the data folder
  std::string difference;                 // from the paper's data, a sentence
  std::string source;                     // for the manifest of weights that were trained on it
  std::string licence;                    // and theirs
  int folds = 0;                          // cross-validation within split "train"; 0: split "val" is held out
  std::uint64_t split_seed = 1;           // of the folds and of the cases to choose by
  int choose = 0;                         // training cases kept to choose weights by, drawn by split_seed
  std::vector<std::string> choose_cases;  // these instead, by name
  std::vector<std::string> evaluate;      // where not empty: these cases are evaluated, whatever their split
  std::vector<std::uint64_t> seeds{1};    // one training each
  std::string weights;                    // of rows `shipped`: the kind of image ("sarcoma"); empty: the default ones
};

/// One training, with every option settled.
struct TrainingPlan {
  TrainOptions options;
  ModelManifest manifest;
  std::string text;  // the same as a file for `dins train`
};

/// A row as in the paper's table.
struct ExperimentRow {
  std::string name;                     // of its folder and for --only: letters, digits and hyphens
  std::string label;                    // as in the paper
  std::string panel;                    // of a figure: "a", "b", ...
  std::map<std::string, double> paper;  // the paper's number by measure
  std::string method = "train";     // "train": a network trained for this row; "shipped": the shipped weights; else a
                                    // method word such as "random-walker"
  bool in_box = false;              // of "train": evaluated in the truth's box only
  std::vector<std::string> quirks;  // of the reference, see QuirkWords(); with method "shipped" only
  std::string note;                 // stands in the table
  std::string refused;              // why the row cannot be run: it names an option that does not exist
  std::vector<std::vector<TrainingPlan>> trainings;  // [data set][seed], where method is "train"
};

enum class PictureKind { kCurves, kBars };

/// A table or figure of the paper, and how it is made here.
struct Experiment {
  std::string table;  // "II", ..., "figure8", "quirks"
  std::string title;
  std::string paper;  // how the paper measured it, a sentence
  std::string here;   // how it is measured here, where that is another way
  std::vector<Measure> measures;
  int clicks = 20;
  double target = 0.8;
  std::string compared;      // the row that the others are compared with; empty: none
  std::vector<int> bars_at;  // clicks of the bars
  PictureKind picture = PictureKind::kCurves;
  BootstrapOptions bootstrap;
  int most_cases = 0;  // a quick run: evaluated per data set, of one fold; 0: all
  std::vector<ExperimentData> data;
  std::vector<ExperimentRow> rows;
};

}  // namespace dinsd
