#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/model_manifest.h"
#include "model/network_grid.h"
#include "model/train/case_file.h"
#include "pipeline/segment/axes.h"

namespace dinsd {

/// One case of a data set folder: images/NAME.nii.gz, masks/NAME.nii.gz and a splits.csv (set, case, split) in it or
/// beside it, whose splits are "train", "val" and "test"; or folders NAME/ with study/image.nii.gz and
/// truth/truth.nii.gz as `dins phantom` writes them, all of split "train".
struct DatasetCase {
  std::string set;
  std::string name;
  std::string split;
};

/// The cases of `folder` that splits.csv lists under the folder's name (phantoms: every one; the set is the folder's
/// name), each once. Throws std::runtime_error: the folder where it cannot be opened, the column that the heading of
/// splits.csv lacks, line and value where it gives a case a split that is not known, or two.
[[nodiscard]] std::vector<DatasetCase> ListCases(const std::filesystem::path& folder);

/// Whether the folder is of the second kind.
[[nodiscard]] bool ArePhantoms(const std::filesystem::path& folder);

/// Where image and mask of a case lie.
struct CasePaths {
  std::filesystem::path image;
  std::filesystem::path mask;
};
[[nodiscard]] CasePaths PathsOf(const std::filesystem::path& folder, const std::string& name);

/// Image and mask of one case in the network's axis order.
struct LoadedCase {
  AxisMap axes;
  std::vector<float> image;
  std::vector<std::uint8_t> mask;  // 1 where the mask's voxel is above 0
};

/// Throws InputError, or std::runtime_error when the two grids differ.
[[nodiscard]] LoadedCase LoadCase(const std::filesystem::path& folder, const std::string& name, AxisRule rule);

/// The case as a training reads it, on the network grid of `manifest`; its split is that of `which`. Throws as
/// LoadCase.
[[nodiscard]] PreparedCase PrepareCase(const std::filesystem::path& folder, const DatasetCase& which,
                                       const ModelManifest& manifest);

}  // namespace dinsd
