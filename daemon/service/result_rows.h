#pragma once

#include <optional>
#include <vector>

#include "daemon/service/context.h"

namespace dinsd {

/// Brings the rows of results/index.csv up to date that are of a job's results, as far as those lie in results_dir, in
/// memory: where the study of its newest result lies now (its own place, else that of a copy), and which other jobs
/// have results of the same images. Returns how many of its results are not there; sets `is_changed` where a row is
/// another one than before. Throws std::filesystem::filesystem_error.
std::int64_t AddRows(ServiceContext& context, const Job& job, bool& is_changed);

/// AddRows for a job and for all jobs that have results of the same images, and writes the file if a row changed. What
/// cannot be written is logged: the next start does it.
void UpdateIndex(ServiceContext& context, JobId id);

/// Whether the study of a job lies where it was seen; one that may not be looked at does.
[[nodiscard]] bool IsThere(const Job& job);

/// Where the study of a job with results lies now, as the row of it or of a copy; nothing where it has none.
[[nodiscard]] std::optional<Job> StudyOf(ServiceContext& context, JobId id);

}  // namespace dinsd
