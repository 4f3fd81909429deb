#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/evaluate/evaluation.h"
#include "pipeline/evaluate/simulated_reader.h"

namespace dinsd {

/// The paper's Table IV: volumes of the shipped weights against those of a second reader, who is simulated.
struct VolumeExperiment {
  std::string title;
  std::string paper;  // how the paper measured it, a sentence
  std::string here;   // how it is measured here
  struct {
    std::string label, vd, rvd, under_20;  // the paper's row, as it stands there
  } paper_row;
  std::string set;         // a folder of phantoms in the data folder
  std::string difference;  // from the paper's data, a sentence
  std::vector<std::string> cases;
  ReaderOptions reader;  // its seed is the first case's, each further case has the next
  BootstrapOptions bootstrap;
};

/// Whether the file's `table` is IV. Throws std::runtime_error where it is no TOML.
[[nodiscard]] bool IsVolumeExperiment(const std::filesystem::path& file);

/// Throws std::runtime_error with file and line for a missing or unknown key and a value of another type or range.
[[nodiscard]] VolumeExperiment ReadVolumeExperiment(const std::filesystem::path& file);

/// Two sets of masks beside each other.
struct VolumeComparison {
  std::string name;   // of its folder
  std::string label;  // "DINs against the simulated reader"
  Evaluation evaluation;
};

/// The table in the paper's layout, the paper's row last. Each comparison has at least one case. The same comparisons
/// give the same bytes.
[[nodiscard]] std::string VolumeTableMarkdown(const VolumeExperiment& experiment,
                                              const std::vector<VolumeComparison>& comparisons);

}  // namespace dinsd
