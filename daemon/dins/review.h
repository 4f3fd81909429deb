#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/followup/timepoint.h"
#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// A preliminary result that waits for a person.
struct OpenReview {  // NOLINT(bugprone-exception-escape): the move of nlohmann's json only looks as if it threw
  std::int64_t job = 0;
  std::int64_t revision = 0;
  std::string study;             // its name
  std::filesystem::path images;  // where it lies
  std::filesystem::path result;  // results/JOB/rN
  nlohmann::json report;         // its report.json
};

/// Of each job in results/index.csv the newest result, where that is preliminary; by job. One that was moved away is
/// left out. Throws std::runtime_error where there is no index, or a result that is there cannot be read.
[[nodiscard]] std::vector<OpenReview> OpenReviews(const std::filesystem::path& results);

/// The one of a job. Throws std::runtime_error that says so where its newest result is none or is final.
[[nodiscard]] OpenReview FindReview(const std::filesystem::path& results, std::int64_t job);

/// Throws std::runtime_error where its prior's images say by now that they are another patient's: nothing that came of
/// such a prior counts. Images that are not there any more say nothing.
void CheckPriorStands(const OpenReview& review, const std::filesystem::path& results, const StudyReadOptions& options);

/// Of its prompts.json: by that a review names the proposal that it answers. Throws InputError.
[[nodiscard]] std::string ProposalDigest(const OpenReview& review);

/// The clicks that it was made from. Throws InputError.
[[nodiscard]] Prompts ProposalOf(const OpenReview& review);

/// The clicks beside the images that answer it already, as a rejection does until the daemon has another proposal.
/// Nothing where there are none, they answer another one, no pseudonym says whose they are, or they cannot be read.
[[nodiscard]] std::optional<Prompts> AnswerBeside(const OpenReview& review);

/// A result that a person's review made.
struct DoneReview {  // NOLINT(bugprone-exception-escape): as OpenReview
  std::int64_t job = 0;
  std::int64_t revision = 0;
  std::string study;
  nlohmann::json report;  // its report.json, which has a `review`
};

/// All of them in results/index.csv, by job and revision; of one job where `job` is not 0. Throws as OpenReviews.
[[nodiscard]] std::vector<DoneReview> DoneReviews(const std::filesystem::path& results, std::int64_t job = 0);

/// The name of the sidecar beside the images that answers it.
[[nodiscard]] std::string SidecarName(const OpenReview& review);

/// Writes into the new folder `out`: review.html (ReviewPage), proposal.prompts.json, and slicer/LESION.mrk.json for
/// each lesion with clicks. The prior is shown where its images are still in their place. Throws InputError,
/// std::system_error.
void ExportReview(const OpenReview& review, const std::filesystem::path& results, const std::filesystem::path& out,
                  const StudyReadOptions& options);

}  // namespace dinsd
