#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "daemon/experiment/volume_experiment.h"

namespace dinsd {

/// Where Table IV finds and keeps things.
struct VolumeFolders {
  std::filesystem::path data;  // with the folder of phantoms
  std::filesystem::path work;  // volumes/: masks that were made before are found again
  std::filesystem::path out;   // table.md, and a folder per comparison
};

/// Makes the masks of method and reader, compares each with the other and with the truth, and writes the table, pages
/// and pictures. Returns the table. Throws ExperimentStopped when `is_stopped` says so, std::runtime_error where a case
/// is missing or cannot be compared, and what the steps throw.
[[nodiscard]] std::string RunVolumeExperiment(const VolumeExperiment& experiment, const VolumeFolders& folders,
                                              const std::string& device, const std::function<bool()>& is_stopped);

}  // namespace dinsd
