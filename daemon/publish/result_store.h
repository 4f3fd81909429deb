#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "daemon/publish/results_claim.h"

namespace dinsd {

inline constexpr const char* kStagingFolder = ".staging";

/// The results folder: results/<job>/r<revision>/, each whole or absent, and results/.staging/ where workers write.
/// A result is what holds a result.json whose digests match; anything else is none. Not thread-safe.
class ResultStore {
 public:
  /// Makes staging. Throws std::filesystem::filesystem_error.
  explicit ResultStore(ResultsClaim claim);

  /// Why no result can be written now, in words; empty where all is well. Cheap, but for the moment after something
  /// failed: then it is tried whether a folder can be made, since a quota or a broken disk shows only so.
  [[nodiscard]] std::string Obstacle();

  /// An empty staging folder for one attempt, named by a token that nobody else has. Throws std::system_error.
  [[nodiscard]] std::filesystem::path MakeStaging(const std::string& token);
  [[nodiscard]] std::filesystem::path Staging(const std::string& token) const;

  /// Removes a staging folder with whatever is in it.
  void DiscardStaging(const std::string& token) const;

  /// Removes every staging folder but those of `tokens`; returns how many. None where staging is not there.
  int Sweep(const std::set<std::string>& tokens) const;

  [[nodiscard]] std::filesystem::path Place(std::int64_t job, std::int64_t revision) const;

  /// The numbers of jobs by which something lies in the folder, in no order; whatever no queue can come to is left out.
  /// Throws std::filesystem::filesystem_error.
  [[nodiscard]] std::vector<std::int64_t> Numbers() const;

  /// Whether anything lies in a place, and in the folder of a job. Throw std::filesystem::filesystem_error.
  [[nodiscard]] bool IsTaken(std::int64_t job, std::int64_t revision) const;
  [[nodiscard]] bool HoldsAnyOf(std::int64_t job) const;

  /// The digest of the result of `job_key` that already lies in a place; empty where there is none.
  [[nodiscard]] std::string DigestInPlace(std::int64_t job, std::int64_t revision, const std::string& job_key) const;

  /// Renames a staged result into its place and syncs. False if something lies there already. Throws
  /// std::system_error.
  [[nodiscard]] bool MoveIntoPlace(const std::string& token, std::int64_t job, std::int64_t revision);

  [[nodiscard]] const std::filesystem::path& folder() const { return results_; }

 private:
  void TryToWrite();
  template <typename Write>
  auto Watched(Write write);

  ResultsClaim claim_;
  std::filesystem::path results_;
  std::filesystem::path staging_;
  bool has_failed_ = false;  // the last time that something was written
};

}  // namespace dinsd
