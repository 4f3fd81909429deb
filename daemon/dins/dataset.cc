#include "daemon/dins/dataset.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "pipeline/read/label_file.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/read/volume_file.h"

namespace dinsd {
namespace {

constexpr double kGridToleranceMm = 0.01;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // some editors begin a table with it

std::filesystem::path SplitsOf(const std::filesystem::path& folder) {
  for (const auto& place : {folder, folder.parent_path()}) {
    if (std::filesystem::exists(place / "splits.csv")) return place / "splits.csv";
  }
  throw std::runtime_error(folder.string() + ": no splits.csv (set, case, split) in it or beside it");
}

std::string Trimmed(const std::string& cell) {
  const std::size_t first = cell.find_first_not_of(" \t\r");
  return first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(" \t\r") - first + 1);
}

// A heading that was meant as one says so by two of its words; a case of the set "set" has but one, and a split.
void CheckHeading(const std::string& line, const std::string& place) {
  std::vector<std::string> words;
  std::istringstream cells(line);
  for (std::string cell; std::getline(cells, cell, ',');) words.push_back(Trimmed(cell));
  const std::vector<std::string> columns = {"set", "case", "split"};
  const auto has = [&](const std::string& column) { return std::count(words.begin(), words.end(), column) > 0; };
  const bool is_known = words.size() == 3 && words[1] == "case" && words[2] == "split";  // the first by any name
  if (is_known || std::count_if(columns.begin(), columns.end(), has) < 2) return;
  for (const std::string& column : columns) {
    if (!has(column)) throw std::runtime_error(place + ": lacks the column '" + column + "' (set, case, split)");
  }
  throw std::runtime_error(place + ": the columns are not set, case, split, in this order and no others");
}

// One line of splits.csv; what follows the second comma is the split, so that a fourth cell makes it an unknown word.
DatasetCase CaseOfLine(const std::string& line) {
  std::istringstream cells(line);
  DatasetCase c;
  for (const auto& [cell, end] : {std::pair(&c.set, ','), std::pair(&c.name, ','), std::pair(&c.split, '\n')}) {
    std::getline(cells, *cell, end);
    *cell = Trimmed(*cell);
  }
  return c;
}

// Whoever is mistaken for a training case leaks into the weights: a word that is not known is refused, never guessed.
void CheckSplit(const DatasetCase& c, const std::vector<DatasetCase>& before, const std::string& place) {
  if (c.split != "train" && c.split != "val" && c.split != "test")
    throw std::runtime_error(place + ": case '" + c.name + "' is of split '" + c.split + "', not train, val or test");
  for (const DatasetCase& other : before) {
    if (other.name == c.name && other.split != c.split) {
      throw std::runtime_error(place + ": case '" + c.name + "' is of split '" + c.split + "', and of split '" +
                               other.split + "' in a line before");
    }
  }
}

std::vector<DatasetCase> ReadSplits(const std::filesystem::path& splits, const std::string& set) {
  std::ifstream in(splits);
  std::vector<DatasetCase> cases;
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (number == 0 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    if (number == 0) CheckHeading(line, splits.string());
    const DatasetCase c = CaseOfLine(line);
    const bool is_heading = ++number == 1 && c.name == "case" && c.split == "split";
    if (c.set != set || is_heading) continue;
    CheckSplit(c, cases, splits.string() + ": line " + std::to_string(number));
    const auto is_same = [&](const DatasetCase& other) { return other.name == c.name; };
    if (std::none_of(cases.begin(), cases.end(), is_same)) cases.push_back(c);
  }
  if (cases.empty()) throw std::runtime_error(splits.string() + ": lists no case of '" + set + "'");
  return cases;
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
  std::error_code error;
  const std::filesystem::path root = std::filesystem::canonical(folder, error);
  if (error) throw std::runtime_error("data set " + folder.string() + ": " + error.message());
  if (!std::filesystem::is_directory(root)) throw std::runtime_error("data set " + folder.string() + ": is no folder");
  if (ArePhantoms(root)) return ListPhantoms(root);
  return ReadSplits(SplitsOf(root), root.filename().string());
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
  const LabelMap mask = ReadLabelFile(paths.mask);
  if (!IsSameGrid(image.grid, mask.grid, kGridToleranceMm)) {
    throw std::runtime_error(name + ": image and mask lie on different grids (size, spacing, origin or direction)");
  }
  const AxisMap axes = ChooseAxes(image.grid, rule);
  std::vector<std::uint8_t> inside(mask.labels.size());
  std::transform(mask.labels.begin(), mask.labels.end(), inside.begin(), [](std::uint16_t v) { return v > 0 ? 1 : 0; });
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
