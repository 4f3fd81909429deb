#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/verify/verification.h"
#include "gpu/voxel_types.h"
#include "model/npy.h"

namespace dinsd {

/// One fixture of a set: its line in fixtures.json, its description, its arrays, and the rows that come of it.
class FixtureFolder {
 public:
  FixtureFolder(std::filesystem::path root, nlohmann::json entry, std::vector<VerificationRow>& rows);

  [[nodiscard]] const nlohmann::json& description() const { return description_; }
  [[nodiscard]] const nlohmann::json& entry() const { return entry_; }
  [[nodiscard]] std::filesystem::path path() const { return root_ / folder_; }

  /// The array that `holder["files"][key]` names.
  [[nodiscard]] NpyArray Array(const nlohmann::json& holder, const std::string& key) const;
  [[nodiscard]] NpyArray File(const std::string& name) const { return ReadNpy(path() / name); }

  /// The folder that the entry names under `key`, with its description (box_folder, pairs_folder).
  [[nodiscard]] FixtureFolder Other(const std::string& key) const;

  /// The checkpoints that the entry lists, as prefixes.
  [[nodiscard]] std::vector<std::filesystem::path> Checkpoints() const;

  /// Adds a row that passes when `worst` is not above `tolerance` (a NaN fails).
  void Add(const std::string& quantity, double worst, double tolerance, const std::string& note = "") const;

 private:
  std::filesystem::path root_;
  std::string folder_;
  nlohmann::json entry_;
  nlohmann::json description_;
  std::vector<VerificationRow>* rows_;
};

/// First three axes of an array.
[[nodiscard]] Size3 SizeOf(const NpyArray& array);

/// "files" of a case without the array.
[[nodiscard]] bool HasArray(const nlohmann::json& holder, const std::string& key);

/// The larger of two differences; infinity where `difference` is no number, which no tolerance allows.
[[nodiscard]] double Worse(double worst, double difference);

/// Worst |a - b| / max(floor, |b|) over two arrays; infinity when they differ in length or where one
/// is no number.
[[nodiscard]] double WorstDifference(const std::vector<float>& got, const std::vector<double>& expected, double floor);

/// Number of places where two masks differ; their whole length when lengths differ.
[[nodiscard]] double CountDifferent(const std::vector<std::uint8_t>& got, const std::vector<std::uint8_t>& expected);

// One function per kind.
void VerifyCheckpoint(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyNetwork(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyZoom(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyGuides(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifySkeleton(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyClicks(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyMetrics(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyBox(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyBoxLoop(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyLoop(const FixtureFolder& fixture, const VerificationConstants& constants);
void VerifyPreprocess(const FixtureFolder& fixture, const VerificationConstants& constants);

}  // namespace dinsd
