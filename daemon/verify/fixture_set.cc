#include "daemon/verify/fixture_set.h"

#include <cmath>
#include <fstream>
#include <limits>
#include <utility>

namespace dinsd {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

nlohmann::json ReadJson(const std::filesystem::path& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path.string() + ": cannot be opened");
  nlohmann::json json = nlohmann::json::parse(in, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) throw std::runtime_error(path.string() + ": is no JSON");
  return json;
}

// The one JSON of a folder, for an entry that does not name it.
std::string DescriptionIn(const std::filesystem::path& root, const std::string& folder) {
  std::string found;
  for (const auto& file : std::filesystem::directory_iterator(root / folder)) {
    if (file.path().extension() != ".json") continue;
    if (!found.empty()) throw std::runtime_error(folder + ": more than one JSON, and none is named as its description");
    found = folder + "/" + file.path().filename().string();
  }
  if (found.empty()) throw std::runtime_error(folder + ": no JSON that describes it");
  return found;
}

}  // namespace

FixtureFolder::FixtureFolder(std::filesystem::path root, nlohmann::json entry, std::vector<VerificationRow>& rows)
    : root_(std::move(root)), folder_(entry.at("folder").get<std::string>()), entry_(std::move(entry)), rows_(&rows) {
  description_ = ReadJson(root_ / (entry_.contains("description") ? entry_.at("description").get<std::string>()
                                                                  : DescriptionIn(root_, folder_)));
}

NpyArray FixtureFolder::Array(const nlohmann::json& holder, const std::string& key) const {
  return File(holder.at("files").at(key).at("file").get<std::string>());
}

FixtureFolder FixtureFolder::Other(const std::string& key) const {
  return {root_, {{"folder", entry_.at(key)}}, *rows_};
}

std::vector<std::filesystem::path> FixtureFolder::Checkpoints() const {
  std::vector<std::filesystem::path> prefixes;
  for (const auto& prefix : entry_.at("checkpoints")) prefixes.push_back(root_ / prefix.get<std::string>());
  if (prefixes.empty()) throw std::runtime_error(folder_ + ": no checkpoint is listed");
  return prefixes;
}

void FixtureFolder::Add(const std::string& quantity, double worst, double tolerance, const std::string& note) const {
  rows_->push_back({folder_, quantity, worst, tolerance, worst <= tolerance, note});
}

Size3 SizeOf(const NpyArray& array) {
  if (array.shape.size() < 3) throw std::runtime_error("an array has fewer than three axes");
  return {array.shape[0], array.shape[1], array.shape[2]};
}

bool HasArray(const nlohmann::json& holder, const std::string& key) {
  return holder.contains("files") && holder.at("files").contains(key);
}

double Worse(double worst, double difference) {
  return std::isnan(difference) ? kInfinity : std::max(worst, difference);
}

double WorstDifference(const std::vector<float>& got, const std::vector<double>& expected, double floor) {
  if (got.size() != expected.size()) return kInfinity;
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    worst = Worse(worst, std::abs(got[i] - expected[i]) / std::max(floor, std::abs(expected[i])));
  return worst;
}

double CountDifferent(const std::vector<std::uint8_t>& got, const std::vector<std::uint8_t>& expected) {
  if (got.size() != expected.size()) return static_cast<double>(std::max(got.size(), expected.size()));
  double count = 0;
  for (std::size_t i = 0; i < got.size(); ++i) count += got[i] != expected[i] ? 1 : 0;
  return count;
}

}  // namespace dinsd
