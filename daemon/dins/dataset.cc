#include "daemon/dins/dataset.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "pipeline/read/same_grid.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {
namespace {

constexpr double kGridToleranceMm = 0.01;

std::filesystem::path SplitsOf(const std::filesystem::path& folder) {
  for (const auto& place : {folder, folder.parent_path()}) {
    if (std::filesystem::exists(place / "splits.csv")) return place / "splits.csv";
  }
  throw std::runtime_error(folder.string() + ": no splits.csv (set, case, split) in it or beside it");
}

// Every folder with a phantom's image and truth.
std::vector<DatasetCase> ListPhantoms(const std::filesystem::path& root) {
  std::vector<DatasetCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (std::filesystem::exists(entry.path() / "study" / "image.nii.gz") &&
        std::filesystem::exists(entry.path() / "truth" / "truth.nii.gz"))
      cases.push_back({root.filename().string(), entry.path().filename().string(), "train"});
  }
  if (cases.empty()) throw std::runtime_error(root.string() + ": holds neither images/ nor phantoms");
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return cases;
}

}  // namespace

std::vector<DatasetCase> ListCases(const std::filesystem::path& folder) {
  const std::filesystem::path root = std::filesystem::canonical(folder);
  if (ArePhantoms(root)) return ListPhantoms(root);
  const std::string set = root.filename().string();
  std::ifstream in(SplitsOf(root));
  std::vector<DatasetCase> cases;
  for (std::string line; std::getline(in, line);) {
    std::istringstream cells(line);
    DatasetCase c;
    if (std::getline(cells, c.set, ',') && std::getline(cells, c.name, ',') && std::getline(cells, c.split) &&
        c.set == set) {
      while (!c.split.empty() && (c.split.back() == '\r' || c.split.back() == ' ')) c.split.pop_back();
      cases.push_back(c);
    }
  }
  if (cases.empty()) throw std::runtime_error("splits.csv lists no case of '" + set + "'");
  return cases;
}

bool ArePhantoms(const std::filesystem::path& folder) {
  return !std::filesystem::exists(folder / "images");
}

CasePaths PathsOf(const std::filesystem::path& folder, const std::string& name) {
  if (ArePhantoms(folder)) return {folder / name / "study" / "image.nii.gz", folder / name / "truth" / "truth.nii.gz"};
  return {folder / "images" / (name + ".nii.gz"), folder / "masks" / (name + ".nii.gz")};
}

LoadedCase LoadCase(const std::filesystem::path& folder, const std::string& name, AxisRule rule) {
  const CasePaths paths = PathsOf(folder, name);
  const Volume image = ReadVolumeFile(paths.image);
  const Volume mask = ReadVolumeFile(paths.mask);
  if (!IsSameGrid(image.grid, mask.grid, kGridToleranceMm)) {
    throw std::runtime_error(name + ": image and mask lie on different grids (size, spacing, origin or direction)");
  }
  const AxisMap axes = ChooseAxes(image.grid, rule);
  std::vector<std::uint8_t> inside(mask.voxels.size());
  std::transform(mask.voxels.begin(), mask.voxels.end(), inside.begin(), [](float v) { return v > 0 ? 1 : 0; });
  return {axes, ToArray<float>(image.voxels, axes), ToArray<std::uint8_t>(inside, axes)};
}

PreparedCase PrepareCase(const std::filesystem::path& folder, const DatasetCase& which, const ModelManifest& manifest) {
  const LoadedCase loaded = LoadCase(folder, which.name, manifest.axis_rule);
  const NetworkGrid grid = NetworkGrid::For(manifest, loaded.axes.Size(), loaded.axes.SpacingMm());
  return {which.set,
          which.name,
          which.split,
          grid.network(),
          grid.Image(loaded.image, manifest.normalisation),
          grid.ToNetwork(loaded.mask),
          loaded.axes.Size(),
          loaded.axes.SpacingMm()};
}

}  // namespace dinsd
