#include "daemon/experiment/volume_experiment.h"

#include <cmath>
#include <stdexcept>

#include "daemon/experiment/toml_table.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

// A table that the file must have.
const toml::table& Required(const TomlTable& root, std::string_view key) {
  const toml::table* table = root.Table(key);
  if (table == nullptr) root.Refuse(key, "is missing");
  return *table;
}

ReaderOptions ReaderFrom(const toml::table& table, const std::filesystem::path& path) {
  constexpr double kMostMm = 100;
  const TomlTable from(table, "reader", path, {"seed", "jitter_mm", "bias_mm", "missed_end_slices"});
  ReaderOptions reader;
  reader.seed = static_cast<std::uint64_t>(from.Integer("seed", 0, INT64_MAX, static_cast<std::int64_t>(reader.seed)));
  reader.jitter_mm = from.Number("jitter_mm", 0, kMostMm, reader.jitter_mm);
  reader.bias_mm = from.Number("bias_mm", -kMostMm, kMostMm, reader.bias_mm);
  reader.missed_end_slices = from.Number("missed_end_slices", 0, 1, reader.missed_end_slices);
  return reader;
}

void ReadPaperRow(const TomlTable& from, VolumeExperiment& experiment) {
  experiment.paper_row = {from.Text("label"), from.Text("vd"), from.Text("rvd"), from.Text("under_20")};
}

void ReadData(const TomlTable& from, VolumeExperiment& experiment) {
  experiment.set = from.Text("set");
  if (experiment.set.find('/') != std::string::npos || experiment.set.front() == '.')
    from.Refuse("set", "must be a folder's name");
  experiment.difference = from.Text("difference");
  experiment.cases = from.Texts("evaluate");
  if (experiment.cases.empty()) from.Refuse("evaluate", "must name at least one case");
}

std::vector<double> Absolute(std::vector<double> values) {
  for (double& value : values) value = std::abs(value);
  return values;
}

std::string Between(const std::optional<Interval>& interval, double scale, int decimals) {
  if (!interval) return "";
  return " (" + FixedDigits(scale * interval->low, decimals) + " to " + FixedDigits(scale * interval->high, decimals) +
         ")";
}

std::string Row(const VolumeComparison& comparison) {
  constexpr double kPercent = 100;
  const Evaluation& evaluation = comparison.evaluation;
  const VolumeAgreement agreement = CompareVolumes(evaluation).value();
  const std::vector<double> rvd = ValuesOf(evaluation, "rvd");
  return "| " + comparison.label + " | " + std::to_string(agreement.cases) + " | " + FixedDigits(agreement.bias_ml, 1) +
         Between(agreement.limits_ml, 1, 1) + " | " + FixedDigits(kPercent * Mean(rvd), 1) +
         Between(BootstrapMean(rvd, evaluation.options.bootstrap), kPercent, 1) + " | " +
         FixedDigits(kPercent * Mean(Absolute(rvd)), 1) + " | " + std::to_string(agreement.under_20_percent) + " of " +
         std::to_string(agreement.cases) + " |\n";
}

}  // namespace

bool IsVolumeExperiment(const std::filesystem::path& file) {
  return ParseTomlFile(file)["table"].value_or(std::string()) == "IV";
}

VolumeExperiment ReadVolumeExperiment(const std::filesystem::path& file) {
  const toml::table table = ParseTomlFile(file);
  const TomlTable root(table, "the experiment", file,
                       {"table", "title", "paper", "here", "bootstrap_seed", "paper_row", "reader", "data"});
  VolumeExperiment experiment;
  experiment.title = root.Text("title");
  experiment.paper = root.Text("paper");
  experiment.here = root.Text("here");
  experiment.bootstrap.seed = static_cast<std::uint64_t>(
      root.Integer("bootstrap_seed", 0, INT64_MAX, static_cast<std::int64_t>(experiment.bootstrap.seed)));
  ReadPaperRow(TomlTable(Required(root, "paper_row"), "paper_row", file, {"label", "vd", "rvd", "under_20"}),
               experiment);
  experiment.reader = ReaderFrom(Required(root, "reader"), file);
  ReadData(TomlTable(Required(root, "data"), "data", file, {"set", "difference", "evaluate"}), experiment);
  return experiment;
}

std::string VolumeTableMarkdown(const VolumeExperiment& experiment, const std::vector<VolumeComparison>& comparisons) {
  const ReaderOptions& reader = experiment.reader;
  std::string text = "# Table IV: " + experiment.title + "\n\nPaper: " + experiment.paper +
                     "\n\nHere: " + experiment.here + "\n\nData: " + experiment.difference +
                     "\n\nThe reader is **simulated**: seed " + std::to_string(reader.seed) + ", jitter " +
                     ExactDigits(reader.jitter_mm) + " mm, bias " + ExactDigits(reader.bias_mm) +
                     " mm, an end slice missed with chance " + ExactDigits(reader.missed_end_slices) +
                     ". VD: mean (limits of agreement); RVD = 2 (P - Q) / (P + Q): mean (95 % interval).\n\n"
                     "| | cases | VD, mL | RVD, % | mean of its size, % | under 20 % |\n|---|---|---|---|---|---|\n";
  for (const VolumeComparison& comparison : comparisons) text += Row(comparison);
  const auto& paper = experiment.paper_row;
  return text + "| paper: " + paper.label + " | | " + paper.vd + " | " + paper.rvd + " | | " + paper.under_20 + " |\n";
}

}  // namespace dinsd
