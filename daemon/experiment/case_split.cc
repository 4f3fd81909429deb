#include "daemon/experiment/case_split.h"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "model/train/counter_random.h"

namespace dinsd {
namespace {

using Names = std::vector<std::string>;

bool Has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Names OfSplit(const std::vector<ExperimentCase>& cases, const std::string& split) {
  Names names;
  for (const ExperimentCase& a_case : cases) {
    if (a_case.split == split) names.push_back(a_case.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Fisher and Yates, drawn from the seed: the same on every machine.
Names Shuffled(Names names, std::uint64_t seed, std::uint64_t stream) {
  CounterRandom random(seed, stream);
  for (std::size_t i = names.size(); i > 1; --i) {
    const auto j = static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(i) - 1));
    std::swap(names[i - 1], names[j]);
  }
  return names;
}

Names Part(const Names& shuffled, int fold, int folds) {
  Names part;
  for (auto i = static_cast<std::size_t>(fold); i < shuffled.size(); i += static_cast<std::size_t>(folds))
    part.push_back(shuffled[i]);
  std::sort(part.begin(), part.end());
  return part;
}

void RequireKnown(const Names& names, const std::vector<ExperimentCase>& cases, const std::string& set) {
  for (const std::string& name : names) {
    if (std::none_of(cases.begin(), cases.end(), [&](const ExperimentCase& known) { return known.name == name; }))
      throw std::runtime_error(set + ": has no case '" + name + "'");
  }
}

Names EvaluatedCases(const std::vector<ExperimentCase>& cases, const ExperimentData& data, int fold) {
  if (!data.evaluate.empty()) return data.evaluate;
  if (data.folds == 0) return OfSplit(cases, "val");
  return Part(Shuffled(OfSplit(cases, "train"), data.split_seed, 0), fold, data.folds);
}

// Of `rest`, which are neither evaluated nor of split "val".
Names ChoosingCases(const Names& rest, const ExperimentData& data) {
  Names chosen;
  if (data.choose_cases.empty()) {
    chosen = Shuffled(rest, data.split_seed, 1);
    chosen.resize(std::min(static_cast<std::size_t>(data.choose), chosen.size()));
  } else {
    std::copy_if(rest.begin(), rest.end(), std::back_inserter(chosen),
                 [&](const std::string& name) { return Has(data.choose_cases, name); });
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

CaseSplit SplitCases(const std::vector<ExperimentCase>& cases, const ExperimentData& data, int fold, int most) {
  RequireKnown(data.evaluate, cases, data.set);
  RequireKnown(data.choose_cases, cases, data.set);
  CaseSplit split;
  split.evaluate = EvaluatedCases(cases, data, fold);
  if (split.evaluate.empty()) throw std::runtime_error(data.set + ": no case is left to evaluate");
  split.train = OfSplit(cases, "train");
  std::erase_if(split.train, [&](const std::string& name) { return Has(split.evaluate, name); });
  split.choose = ChoosingCases(split.train, data);
  std::erase_if(split.train, [&](const std::string& name) { return Has(split.choose, name); });
  if (most > 0 && split.evaluate.size() > static_cast<std::size_t>(most))
    split.evaluate.resize(static_cast<std::size_t>(most));
  return split;
}

}  // namespace dinsd
