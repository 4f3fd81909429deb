#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/messages/work_order.h"
#include "daemon/service/context.h"
#include "storage/history.h"

namespace dinsd {

/// The circle of patients that a source belongs to: `patients` of its watched folder; a submitted study's source is a
/// path, and is a circle of its own.
[[nodiscard]] std::string PatientsOf(const Settings& settings, const std::string& source);

/// The prior of a study, or why there is none, in words that follow "no prior: ".
struct PriorChoice {
  std::optional<Timepoint> prior;
  std::string why_none;
};

/// Of a patient's studies from before `date` that have a final result, the last one, by its newest final revision.
/// `own`, the study's own job, does not count. None where two jobs have results of that same date: whose clicks count
/// is not guessed. `timepoints` as by History::Of.
[[nodiscard]] PriorChoice ChoosePrior(const std::vector<Timepoint>& timepoints, JobId own, const std::string& date);

/// The same for a study whose facts are `facts`, out of the history: only of folders that share their patients with
/// `source`, and only where the result lies in its place.
[[nodiscard]] PriorChoice FindPrior(ServiceContext& context, JobId own, const std::string& source,
                                    const StudyFacts& facts);

/// The prior of a study whose clicks name `objects`: of its patient's final results from before it, as by FindPrior,
/// that of the last date which has one of these objects, by the job's newest final revision, also where the object is
/// of an older one that was superseded (LesionOfPrior finds the lesion there, and flags it). None where two jobs of one
/// date have such objects: which of them counts is not guessed.
[[nodiscard]] PriorChoice FindPriorWith(ServiceContext& context, JobId own, const std::string& source,
                                        const StudyFacts& facts, const std::vector<std::string>& objects);

/// What a work order keeps of it.
[[nodiscard]] PriorOrder OrderOf(const Timepoint& prior);

/// Looks again at those studies of a patient without verified clicks that would now be followed from another result
/// than they were, or from none: one came, or the job of theirs was quarantined. And at those whose clicks a person
/// reviewed, where the study that they were proposed from was quarantined, or measured again. The patient's report
/// is due.
void LookAgainAt(ServiceContext& context, const std::string& patient);

/// A result was published: notes what it says of itself, and looks again at those studies of its patient without
/// verified clicks that have another prior now, in whatever order results come.
void EnterHistory(ServiceContext& context, JobId job, std::int64_t revision);

/// The same for all results that nobody has looked at yet, as after an update or a crash.
void LookUpHistory(ServiceContext& context);

}  // namespace dinsd
