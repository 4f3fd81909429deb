#pragma once

#include <string>
#include <vector>

#include "daemon/experiment/experiment.h"

namespace dinsd {

/// A case of a data set with the split that its splits.csv gives it: "train" or "val" (phantoms: all "train").
struct ExperimentCase {
  std::string name;
  std::string split;
  std::string digest;  // of image and mask
};

/// Which case does what in one training; by name, in order.
struct CaseSplit {
  std::vector<std::string> train;
  std::vector<std::string> choose;    // weights are chosen by them
  std::vector<std::string> evaluate;  // never seen by the training
};

/// The split of fold `fold` (0 to data.folds - 1; 0 where cases are held out), a function of data.split_seed and the
/// names. Hold-out: split "val" is evaluated. Folds: split "train" is cut into data.folds parts as equal as they can
/// be, part `fold` is evaluated, and split "val" is left alone. Of the other training cases data.choose_cases, else
/// data.choose drawn ones, are kept to choose by. data.evaluate, where not empty, is what is evaluated instead, and
/// nothing of it is trained on. `most` > 0: at most so many are evaluated, the first ones. Throws std::runtime_error
/// where a case is not known or none is left to evaluate.
[[nodiscard]] CaseSplit SplitCases(const std::vector<ExperimentCase>& cases, const ExperimentData& data, int fold,
                                   int most);

}  // namespace dinsd
