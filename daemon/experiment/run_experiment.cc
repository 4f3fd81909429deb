#include "daemon/experiment/run_experiment.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <span>

#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kNameDigits = 12;

int FoldsOf(const Experiment& experiment, const ExperimentData& data) {
  return experiment.most_cases > 0 ? 1 : std::max(1, data.folds);
}

// Tells how far all runs are; the time left goes by the mean of those that are done.
class Progress {
 public:
  Progress(std::size_t of, const ExperimentHooks& hooks) : of_(of), hooks_(hooks) {}

  void Begin(const std::string& what) {
    what_ = what;
    begin_ = Clock::now();
  }
  void Stage(const std::string& stage, double seconds_left_of_run) const {
    if (!hooks_.on_progress) return;
    const double spent = std::chrono::duration<double>(Clock::now() - begin_).count();
    const double mean = done_ > 0 ? seconds_ / static_cast<double>(done_) : spent + std::max(0.0, seconds_left_of_run);
    const double this_one = seconds_left_of_run >= 0 ? seconds_left_of_run : std::max(0.0, mean - spent);
    const bool is_known = done_ > 0 || seconds_left_of_run >= 0;
    const double left = this_one + mean * static_cast<double>(of_ - run_);
    hooks_.on_progress({run_, of_, what_, stage, is_known ? left : -1});
  }
  void Next() { ++run_; }
  void End() {
    seconds_ += std::chrono::duration<double>(Clock::now() - begin_).count();
    ++done_;
  }

 private:
  std::size_t of_;
  const ExperimentHooks& hooks_;
  std::size_t run_ = 0;
  std::size_t done_ = 0;
  double seconds_ = 0;
  std::string what_;
  Clock::time_point begin_;
};

struct Place {
  std::size_t data;
  std::size_t row;
};

class Runner {
 public:
  Runner(const Experiment& experiment, const ExperimentChoice& choice, ExperimentSteps& steps,
         const ExperimentHooks& hooks)
      : experiment_(experiment),
        steps_(steps),
        hooks_(hooks),
        set_(choice.set),
        places_(Chosen(choice)),
        progress_(Count(), hooks) {
    for (const ExperimentData& data : experiment.data) {
      result_.data.push_back({data.set, std::vector<RowResult>(experiment.rows.size())});
      for (RowResult& row : result_.data.back().rows) row.not_run = kNotAskedFor;
    }
  }

  ExperimentResult Run() {
    TakeAllKept(set_);
    for (const Place& place : places_) {
      RowResult& result = result_.data[place.data].rows[place.row];
      result = RunRow(place);
      if (hooks_.on_row) hooks_.on_row(result_);
    }
    return std::move(result_);
  }

 private:
  [[nodiscard]] std::vector<Place> Chosen(const ExperimentChoice& choice) const {
    const auto is_row = [&](const std::string& name) {
      return std::any_of(experiment_.rows.begin(), experiment_.rows.end(),
                         [&](const auto& r) { return r.name == name; });
    };
    for (const std::string& name : choice.rows) {
      if (!is_row(name)) throw std::runtime_error("table " + experiment_.table + " has no row '" + name + "'");
    }
    std::vector<Place> places;
    for (std::size_t d = 0; d < experiment_.data.size(); ++d) {
      if (!choice.set.empty() && experiment_.data[d].set != choice.set) continue;
      for (std::size_t r = 0; r < experiment_.rows.size(); ++r) {
        const auto& names = choice.rows;
        if (names.empty() || std::find(names.begin(), names.end(), experiment_.rows[r].name) != names.end())
          places.push_back({d, r});
      }
    }
    if (places.empty())
      throw std::runtime_error("table " + experiment_.table + " has no data set '" + choice.set + "'");
    return places;
  }

  // Seeds are of trainings: what is not trained is run once.
  [[nodiscard]] std::size_t SeedsOf(const Place& place) const {
    return experiment_.rows[place.row].method == "train" ? experiment_.data[place.data].seeds.size() : 1;
  }

  [[nodiscard]] std::size_t Count() const {
    std::size_t count = 0;
    for (const Place& place : places_)
      count += SeedsOf(place) * static_cast<std::size_t>(FoldsOf(experiment_, experiment_.data[place.data]));
    return count;
  }

  RowResult RunRow(const Place& place) {
    const ExperimentRow& row = experiment_.rows[place.row];
    RowResult result;
    result.not_run = row.refused.empty() ? steps_.Trouble(row) : row.refused;
    const auto runs = SeedsOf(place) * static_cast<std::size_t>(FoldsOf(experiment_, experiment_.data[place.data]));
    std::size_t begun = 0;
    try {
      for (std::size_t s = 0; s < SeedsOf(place) && result.not_run.empty(); ++s) {
        for (int fold = 0; fold < FoldsOf(experiment_, experiment_.data[place.data]); ++fold) {
          progress_.Next();
          ++begun;
          RunFold(place, s, fold, result);
        }
      }
    } catch (const ExperimentStopped&) {
      throw;
    } catch (const std::exception& error) {
      result = {};
      result.not_run = error.what();
    }
    for (; begun < runs; ++begun) progress_.Next();
    return result;
  }

  // What a row needs for one seed and fold.
  struct Orders {
    EvaluationOrder evaluation;
    std::optional<TrainingOrder> training;
  };

  Orders OrdersOf(const Place& place, std::size_t s, int fold) {
    const ExperimentData& data = experiment_.data[place.data];
    const ExperimentRow& row = experiment_.rows[place.row];
    const std::vector<ExperimentCase> cases = steps_.Cases(data.set);
    const CaseSplit split = SplitCases(cases, data, fold, experiment_.most_cases);
    Orders orders;
    if (row.method == "train") {
      const TrainingPlan* plan = &row.trainings.at(place.data).at(s);
      orders.training = {data.set, plan, split, TrainingName(data.set, *plan, split, cases)};
    }
    const std::string method = orders.training ? orders.training->name : steps_.MethodSha256(row, data);
    EvaluationOrder& order = orders.evaluation;
    order.set = data.set;
    order.row = &row;
    order.shipped = data.weights;
    order.cases = split.evaluate;
    order.clicks = experiment_.clicks;
    order.target = experiment_.target;
    order.bootstrap = experiment_.bootstrap;
    order.name = RunName(data.set, row, method, split, cases);
    return orders;
  }

  void RunFold(const Place& place, std::size_t s, int fold, RowResult& result) {
    const ExperimentData& data = experiment_.data[place.data];
    const std::string which = "seed " + std::to_string(data.seeds.at(s)) +
                              (data.folds > 0 ? ", fold " + std::to_string(fold) : std::string());
    progress_.Begin(data.set + ", " + experiment_.rows[place.row].label + ", " + which);
    Orders orders = OrdersOf(place, s, fold);
    std::optional<RunRecord> record = steps_.Kept(orders.evaluation);
    if (!record) record = Make(orders.evaluation, orders.training);
    Add(*std::move(record), s, result);
  }

  static void Add(RunRecord record, std::size_t s, RowResult& result) {
    if (record.training) result.trainings.push_back(*std::move(record.training));
    Merge(std::move(record.run), s, result);
  }

  // A row that nobody asked for, where every run of it is on record: its table is fuller for nothing.
  void TakeKept(const Place& place) {
    const ExperimentRow& row = experiment_.rows[place.row];
    RowResult kept;
    if (!row.refused.empty() || !steps_.Trouble(row).empty()) return;
    for (std::size_t s = 0; s < SeedsOf(place); ++s) {
      for (int fold = 0; fold < FoldsOf(experiment_, experiment_.data[place.data]); ++fold) {
        std::optional<RunRecord> record = steps_.Kept(OrdersOf(place, s, fold).evaluation);
        if (!record) return;
        Add(*std::move(record), s, kept);
      }
    }
    result_.data[place.data].rows[place.row] = std::move(kept);
  }

  void TakeAllKept(const std::string& set) {
    for (std::size_t d = 0; d < experiment_.data.size(); ++d) {
      if (!set.empty() && experiment_.data[d].set != set) continue;
      for (std::size_t r = 0; r < experiment_.rows.size(); ++r) {
        const bool is_asked_for = std::any_of(places_.begin(), places_.end(),
                                              [&](const Place& place) { return place.data == d && place.row == r; });
        if (!is_asked_for) TakeKept({d, r});
      }
    }
  }

  RunRecord Make(EvaluationOrder& order, const std::optional<TrainingOrder>& training) {
    RunRecord record;
    if (training) {
      record.training = Train(*training);
      order.weights = record.training->weights;
    }
    progress_.Stage("evaluation of " + std::to_string(order.cases.size()) + " cases", -1);
    record.run = steps_.Evaluate(order);
    steps_.Keep(order, record);
    progress_.End();
    return record;
  }

  TrainingOutcome Train(const TrainingOrder& order) {
    return steps_.Train(order, [&](std::int64_t step, std::int64_t of, double seconds_left) {
      progress_.Stage("training, step " + std::to_string(step) + " of " + std::to_string(of), seconds_left);
    });
  }

  // The cases of all folds of a seed make one run.
  static void Merge(InteractionRun run, std::size_t seed, RowResult& result) {
    if (result.runs.size() == seed) {
      result.runs.push_back(std::move(run));
      return;
    }
    InteractionRun& whole = result.runs.back();
    whole.method_sha256 += "+" + run.method_sha256;
    whole.cases.insert(whole.cases.end(), run.cases.begin(), run.cases.end());
    std::sort(whole.cases.begin(), whole.cases.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  const Experiment& experiment_;
  ExperimentSteps& steps_;
  const ExperimentHooks& hooks_;
  std::string set_;
  std::vector<Place> places_;
  Progress progress_;
  ExperimentResult result_;
};

using Digests = std::map<std::string, std::string>;

Digests DigestsOf(const std::vector<ExperimentCase>& cases) {
  Digests digests;
  for (const ExperimentCase& a_case : cases) digests[a_case.name] = a_case.digest;
  return digests;
}

std::string LinesOf(const std::vector<std::string>& names, const Digests& digests) {
  std::string lines = "\n";
  for (const std::string& name : names) lines.append(name).append(" ").append(digests.at(name)).append("\n");
  return lines;
}

std::string NameFrom(const std::string& set, const std::string& all) {
  const std::span<const char> text(all);
  return set + "-" + Sha256Hex(std::as_bytes(text)).substr(0, kNameDigits);
}

}  // namespace

ExperimentResult RunExperiment(const Experiment& experiment, const ExperimentChoice& choice, ExperimentSteps& steps,
                               const ExperimentHooks& hooks) {
  return Runner(experiment, choice, steps, hooks).Run();
}

std::string TrainingName(const std::string& set, const TrainingPlan& plan, const CaseSplit& split,
                         const std::vector<ExperimentCase>& cases) {
  const Digests digests = DigestsOf(cases);
  return NameFrom(set, std::string(DINSD_VERSION) + "\n" + plan.text + LinesOf(split.train, digests) +
                           LinesOf(split.choose, digests));
}

std::string RunName(const std::string& set, const ExperimentRow& row, const std::string& method, const CaseSplit& split,
                    const std::vector<ExperimentCase>& cases) {
  std::string how = std::string(DINSD_VERSION) + "\n" + row.method + " " + method + (row.in_box ? " in the box" : "");
  for (const std::string& quirk : row.quirks) how.append(" ").append(quirk);
  return NameFrom(set, how + LinesOf(split.evaluate, DigestsOf(cases)));
}

}  // namespace dinsd
