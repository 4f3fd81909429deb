#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "daemon/dins/review.h"
#include "pipeline/followup/review_record.h"

namespace dinsd {

/// What a person hands in.
struct ReviewAnswerGiven {
  std::vector<std::string> files;     // what the page saved, or .mrk.json files of 3D Slicer
  std::string reviewer;               // a pseudonym, where the file does not say
  std::vector<std::string> rejected;  // lesions of which no click is right, by name
};

/// A sidecar that was put beside the images: the daemon does the rest.
struct ReviewPut {
  std::filesystem::path sidecar;
  ReviewRecord record;
  bool is_rejection = false;                // nothing of the proposal is right: no result becomes final
  std::vector<std::filesystem::path> kept;  // copies of the sidecars that the proposal came of, whose place it took
};

/// Holds the clicks against those that are proposed now, and puts them beside the images. They take the place of an
/// earlier rejection, and of the sidecar that the proposal was made from, as one that names priors: that one is kept
/// beside it as a hidden file, which nothing reads. Nothing else is written over. Throws InputError
/// (PROMPTS_MISSING where a file that was handed in is not there, those of CompleteReview and ResolveOnStations),
/// std::runtime_error where clicks lie there already or the prior turned out to be another patient's,
/// std::system_error.
[[nodiscard]] ReviewPut PutAnswer(const OpenReview& review, const std::filesystem::path& results,
                                  const ReviewAnswerGiven& given, const StudyReadOptions& options);

/// The same for a person who says that no click is right. `remark` is that person's reason. Throws std::runtime_error
/// too where a lesion has a box and no click, which nobody can reject so.
[[nodiscard]] ReviewPut PutRejection(const OpenReview& review, const std::string& reviewer, const std::string& remark,
                                     const StudyReadOptions& options);

}  // namespace dinsd
