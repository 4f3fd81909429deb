#include "daemon/experiment/read_experiment.h"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <stdexcept>

#include "daemon/experiment/quirks.h"
#include "daemon/experiment/toml_table.h"
#include "daemon/train/train_table.h"

namespace dinsd {
namespace {

constexpr std::array<std::string_view, 8> kTables = {"II", "III", "V", "VI", "figure7", "figure8", "quirks", "peers"};
constexpr std::int64_t kMostClicks = 1000;

// Tables [train] from the most general to the most particular.
using TrainTables = std::vector<const toml::table*>;

struct File {
  std::filesystem::path path;
  toml::table root;
};

Measure MeasureFrom(const std::string& word, const TomlTable& root, int clicks) {
  if (word == "dsc") return {word, MeasureKind::kDsc, clicks};
  if (word == "dsc_at_stop") return {word, MeasureKind::kDscAtStop, 0};
  if (word == "clicks") return {word, MeasureKind::kClicks, 0};
  if (word == "minutes") return {word, MeasureKind::kMinutes, 0};
  if (word.starts_with("dsc@")) {
    const int click = std::atoi(word.c_str() + 4);
    if (click >= 1 && click <= clicks) return {word, MeasureKind::kDsc, click};
  }
  root.Refuse("measures", "must be dsc, dsc@CLICK (1 to " + std::to_string(clicks) +
                              "), dsc_at_stop, clicks or minutes, not '" + word + "'");
}

// An option that does not exist, as the sentence that names it; empty where all do.
std::string TroubleOf(const toml::table* table, const std::string& name, const File& file) {
  if (table == nullptr) return "";
  try {
    TrainOptions scratch;
    ReadTrainTable(*table, name, file.path, scratch);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

// What every table [train] but the rows' may not get wrong.
void RequireOptions(const toml::table* table, const std::string& name, const File& file) {
  const std::string trouble = TroubleOf(table, name, file);
  if (!trouble.empty()) throw std::runtime_error(trouble);
}

void Lay(toml::table& merged, const toml::table& over) {
  for (const auto& [key, node] : over) merged.insert_or_assign(key, node);
}

TrainingPlan PlanOf(const TrainTables& tables, const ExperimentData& data, std::uint64_t seed, const File& file) {
  toml::table train;
  for (const toml::table* table : tables) {
    if (table != nullptr) Lay(train, *table);
  }
  train.insert_or_assign("seed", static_cast<std::int64_t>(seed));
  TrainConfig config;
  ReadTrainTable(train, "train", file.path, config.options);
  config.options.Check();
  config.manifest.trained_for = {data.set};
  config.manifest.training_data = data.source;
  config.manifest.licence = data.licence;
  BindManifest(config);
  const toml::table manifest{
      {"trained_for", toml::array{data.set}}, {"training_data", data.source}, {"licence", data.licence}};
  std::ostringstream text;
  text << toml::table{{"train", train}, {"manifest", manifest}} << "\n";
  return {config.options, config.manifest, text.str()};
}

bool IsName(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; });
}

ExperimentData DataFrom(const toml::table& table, const File& file) {
  const TomlTable from(table, "data", file.path,
                       {"set", "difference", "source", "licence", "folds", "split_seed", "choose", "choose_cases",
                        "evaluate", "seeds", "weights", "train"});
  ExperimentData data;
  data.set = from.Text("set");
  if (data.set.find('/') != std::string::npos || data.set.front() == '.') from.Refuse("set", "must be a folder's name");
  data.difference = from.Text("difference");
  data.source = from.Text("source");
  data.licence = from.Text("licence");
  data.folds = static_cast<int>(from.Integer("folds", 0, 100, 0));
  if (data.folds == 1) from.Refuse("folds", "must be 0 (held out) or at least 2");
  data.split_seed = static_cast<std::uint64_t>(from.Integer("split_seed", 0, INT64_MAX, 1));
  data.choose = static_cast<int>(from.Integer("choose", 0, 10'000, 0));
  data.choose_cases = from.Texts("choose_cases");
  data.evaluate = from.Texts("evaluate");
  data.weights = from.Text("weights", "");
  if (!data.weights.empty() && !IsName(data.weights)) from.Refuse("weights", "must be letters, digits and hyphens");
  if (from.Has("seeds")) {
    data.seeds.clear();
    for (const std::int64_t seed : from.Integers("seeds", 0, INT64_MAX))
      data.seeds.push_back(static_cast<std::uint64_t>(seed));
    if (data.seeds.empty()) from.Refuse("seeds", "must name at least one seed");
  }
  RequireOptions(from.Table("train"), "data.train", file);
  return data;
}

std::map<std::string, double> PaperFrom(const toml::table* table, const Experiment& experiment, const File& file) {
  std::map<std::string, double> paper;
  if (table == nullptr) return paper;
  for (const auto& [key, node] : *table) {
    const std::string word(key.str());
    const bool is_known = std::any_of(experiment.measures.begin(), experiment.measures.end(),
                                      [&](const Measure& measure) { return measure.word == word; });
    if (!is_known || !node.is_number())
      RefuseAt(file.path, node.source(), "`paper." + word + "` must be a number of one of the table's measures");
    paper[word] = *node.value<double>();
  }
  return paper;
}

ExperimentRow RowFrom(const toml::table& table, const Experiment& experiment, const File& file) {
  const TomlTable from(table, "row", file.path,
                       {"name", "label", "panel", "paper", "method", "in_box", "quirks", "note", "train"});
  ExperimentRow row;
  row.name = from.Text("name");
  if (!IsName(row.name)) from.Refuse("name", "must be letters, digits and hyphens");
  row.label = from.Text("label");
  row.panel = from.Text("panel", "");
  if (!row.panel.empty() && !IsName(row.panel)) from.Refuse("panel", "must be letters, digits and hyphens");
  row.method = from.Text("method", row.method);
  row.in_box = from.Truth("in_box", false);
  if (row.in_box && row.method != "train") from.Refuse("in_box", "is for rows that are trained");
  row.note = from.Text("note", "");
  row.quirks = from.Texts("quirks");
  for (const std::string& quirk : row.quirks) {
    if (row.method != "shipped" || !IsQuirk(quirk))
      from.Refuse("quirks", "must be of " + QuirkWords() + ", with the method 'shipped'");
  }
  if (row.method != "train" && from.Has("train")) from.Refuse("train", "is for rows that are trained");
  row.paper = PaperFrom(from.Table("paper"), experiment, file);
  row.refused = TroubleOf(from.Table("train"), "row.train", file);
  return row;
}

// The files of an experiment: its own, and the one that holds [train], [quick] and [[data]], which may be the same.
struct Source {
  const File& own;
  const File& shared;
  TomlTable root;
  TomlTable shared_root;
};

// `quick`: [quick.train], where it is wanted.
void ReadRows(const Source& from, const toml::table* quick, Experiment& experiment) {
  std::set<std::string> names;
  const std::vector<const toml::table*> data_tables = from.shared_root.Tables("data");
  for (const toml::table* table : from.root.Tables("row")) {
    ExperimentRow row = RowFrom(*table, experiment, from.own);
    if (!names.insert(row.name).second)
      RefuseAt(from.own.path, table->source(), "a row `" + row.name + "` came before");
    for (std::size_t d = 0; d < experiment.data.size() && row.method == "train" && row.refused.empty(); ++d) {
      const TrainTables tables = {from.shared_root.Table("train"), (*data_tables[d])["train"].as_table(),
                                  (*table)["train"].as_table(), quick};
      std::vector<TrainingPlan>& plans = row.trainings.emplace_back();
      try {
        for (const std::uint64_t seed : experiment.data[d].seeds)
          plans.push_back(PlanOf(tables, experiment.data[d], seed, from.own));
      } catch (const std::invalid_argument& error) {
        RefuseAt(from.own.path, table->source(), error.what());
      }
    }
    experiment.rows.push_back(std::move(row));
  }
}

void ReadHead(const TomlTable& root, Experiment& experiment) {
  experiment.table = root.Text("table");
  if (std::find(kTables.begin(), kTables.end(), experiment.table) == kTables.end())
    root.Refuse("table", "must be II, III, V, VI, figure7, figure8, quirks or peers");
  experiment.title = root.Text("title");
  experiment.paper = root.Text("paper");
  experiment.here = root.Text("here", "");
  experiment.clicks = static_cast<int>(root.Integer("clicks", 1, kMostClicks, experiment.clicks));
  experiment.target = root.Number("target", 0, 1, experiment.target);
  experiment.bootstrap.seed = static_cast<std::uint64_t>(
      root.Integer("bootstrap_seed", 0, INT64_MAX, static_cast<std::int64_t>(experiment.bootstrap.seed)));
  const std::string picture = root.Text("picture", "curves");
  if (picture != "curves" && picture != "bars") root.Refuse("picture", "must be curves or bars");
  experiment.picture = picture == "bars" ? PictureKind::kBars : PictureKind::kCurves;
}

void ReadMeasures(const TomlTable& root, Experiment& experiment) {
  for (const std::string& word : root.Texts("measures"))
    experiment.measures.push_back(MeasureFrom(word, root, experiment.clicks));
  if (experiment.measures.empty()) root.Refuse("measures", "must name at least one");
  for (const std::int64_t click : root.Integers("bars_at", 1, experiment.clicks))
    experiment.bars_at.push_back(static_cast<int>(click));
  if (experiment.picture == PictureKind::kBars && experiment.bars_at.empty())
    root.Refuse("bars_at", "must name at least one number of clicks");
}

// A quick run is a check that everything runs; its numbers mean nothing. What it changes of trainings.
const toml::table* ReadQuick(const TomlTable& root, const File& file, bool is_quick, Experiment& experiment) {
  const toml::table* table = root.Table("quick");
  if (table == nullptr) return nullptr;
  const TomlTable quick(*table, "quick", file.path, {"cases", "train"});
  const toml::table* train = quick.Table("train");
  RequireOptions(train, "quick.train", file);
  const auto cases = static_cast<int>(quick.Integer("cases", 1, 10'000, 2));
  if (!is_quick) return nullptr;
  experiment.most_cases = cases;
  for (ExperimentData& data : experiment.data) data.seeds.resize(1);
  return train;
}

void ReadCompared(const TomlTable& root, Experiment& experiment) {
  experiment.compared = root.Text("compared", "");
  const bool is_row = std::any_of(experiment.rows.begin(), experiment.rows.end(),
                                  [&](const ExperimentRow& row) { return row.name == experiment.compared; });
  if (!experiment.compared.empty() && !is_row) root.Refuse("compared", "must be the name of a row");
}

Experiment ReadSource(const Source& from, bool is_quick) {
  Experiment experiment;
  ReadHead(from.root, experiment);
  ReadMeasures(from.root, experiment);
  RequireOptions(from.shared_root.Table("train"), "train", from.shared);
  for (const toml::table* table : from.shared_root.Tables("data"))
    experiment.data.push_back(DataFrom(*table, from.shared));
  const toml::table* quick = ReadQuick(from.shared_root, from.shared, is_quick, experiment);
  ReadRows(from, quick, experiment);
  ReadCompared(from.root, experiment);
  return experiment;
}

}  // namespace

Experiment ReadExperiment(const std::filesystem::path& path, bool is_quick) {
  const File own{path, ParseTomlFile(path)};
  if (!own.root.contains("common")) {
    const TomlTable root(own.root, "the experiment", path,
                         {"table", "title", "paper", "here", "measures", "clicks", "target", "picture", "bars_at",
                          "bootstrap_seed", "compared", "row", "train", "quick", "data"});
    return ReadSource({own, own, root, root}, is_quick);
  }
  const TomlTable root(own.root, "the experiment", path,
                       {"table", "title", "paper", "here", "measures", "clicks", "target", "picture", "bars_at",
                        "bootstrap_seed", "compared", "row", "common"});
  const std::filesystem::path common = path.parent_path() / root.Text("common");
  const File shared{common, ParseTomlFile(common)};
  return ReadSource(
      {own, shared, root, TomlTable(shared.root, "the common file", shared.path, {"train", "quick", "data"})},
      is_quick);
}

}  // namespace dinsd
