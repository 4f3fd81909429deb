#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "pipeline/evaluate/evaluation.h"

namespace dinsd {

/// Two folders of NAME.nii.gz that belong together by name, and where the finished rows are kept.
struct FolderPair {
  std::filesystem::path predictions;
  std::filesystem::path truths;
  std::filesystem::path rows;  // NAME.json of every case that was measured; made where it is missing
};

/// Told after each case, one call at a time: how many are done, of how many, which one.
using OnCaseDone = std::function<void(std::size_t done, std::size_t total, const std::string& name)>;

/// Compares every prediction with its truth, `threads` cases at a time; the result does not depend on how many. A case
/// that cannot be compared becomes a row with its error (MISSING_PREDICTION, MISSING_TRUTH, GRID_MISMATCH, LABEL_VALUE,
/// or what the reader says) and stops nothing. A row in pair.rows is taken over where both files have the digests that
/// it names and it was measured under the same options. Throws std::runtime_error where a folder is missing or neither
/// holds a NAME.nii.gz, std::system_error where a row cannot be written.
[[nodiscard]] Evaluation EvaluateFolders(const FolderPair& pair, const EvaluateOptions& options, int threads,
                                         const OnCaseDone& on_case_done = {});

}  // namespace dinsd
