#pragma once

#include <filesystem>
#include <optional>

#include "daemon/faults/fault_points.h"
#include "daemon/messages/worker_messages.h"
#include "daemon/work/model_store.h"
#include "pipeline/segment_study.h"

namespace dinsd {

/// What a study without clicks is followed from.
struct JobPrior {
  ResultPlace place;
  RegistrationUse registration;
};

/// What a worker does with one job: weights, clicks, SegmentStudy and WriteResultFolder into the job's staging folder;
/// `root` leads to the study's files, `prior` to what a study without clicks is followed from. Exceptions end here: the
/// outcome is a value, and it alone decides what becomes of the job. `progress` returning false stops the job.
[[nodiscard]] WorkerOutcome SegmentJob(const WorkerJob& job, const std::filesystem::path& root,
                                       const std::optional<JobPrior>& prior, ModelStore& models,
                                       const OnStudyProgress& progress);

}  // namespace dinsd
