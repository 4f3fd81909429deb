#include "daemon/service/prior_choice.h"

#include <algorithm>
#include <map>
#include <set>

#include "daemon/messages/message_fields.h"
#include "daemon/service/job_log.h"
#include "daemon/service/review_choice.h"
#include "daemon/service/study_facts.h"

namespace dinsd {
namespace {

// Of each job the newest final revision.
std::map<JobId, Timepoint> FinalOnes(const std::vector<Timepoint>& timepoints) {
  std::map<JobId, Timepoint> final_ones;
  for (const Timepoint& timepoint : timepoints) {
    if (timepoint.facts.standing != "final") continue;
    const auto [known, is_first] = final_ones.try_emplace(timepoint.job, timepoint);
    if (!is_first && known->second.revision < timepoint.revision) known->second = timepoint;
  }
  return final_ones;
}

std::string NumberOf(JobId job) {
  return std::to_string(static_cast<std::int64_t>(job));
}

// Of one day only the date is known, and the numbers of jobs say nothing of which study came first.
std::string NotGuessed(JobId one, JobId other, const std::string& date) {
  return "the jobs " + NumberOf(one) + " and " + NumberOf(other) + " both have final results of " + date +
         ", and which of them counts is not guessed";
}

bool IsInPlace(const ServiceContext& context, const Timepoint& timepoint) {
  return context.results.IsTaken(static_cast<std::int64_t>(timepoint.job), timepoint.revision);
}

std::vector<Timepoint> HistoryOf(ServiceContext& context, const std::string& source, const std::string& patient) {
  const std::string patients = PatientsOf(context.settings, source);
  std::vector<Timepoint> timepoints = context.history.Of(patient);
  std::erase_if(timepoints, [&](const Timepoint& timepoint) {
    return PatientsOf(context.settings, timepoint.source) != patients || !IsInPlace(context, timepoint);
  });
  return timepoints;
}

ResultFacts Enter(ServiceContext& context, JobId job, std::int64_t revision) {
  const std::filesystem::path place = context.results.Place(static_cast<std::int64_t>(job), revision);
  ResultFacts facts = ResultFactsOf(context.salt, place).value_or(ResultFacts{});
  context.history.Note(job, revision, facts);
  return facts;
}

// Another prior than the one that the job's clicks were proposed from may have come while it ran.
std::optional<StudyOrder> OrderUsed(ServiceContext& context, JobId job) {
  try {
    return ParseStudyOrder(context.queue.WorkOrderOf(job));
  } catch (const MessageError&) {  // written by another version
    return std::nullopt;
  }
}

bool HasAnyOf(const ServiceContext& context, const Timepoint& timepoint, const std::vector<std::string>& objects) {
  const std::vector<std::string> has =
      ObjectsOfResult(context.results.Place(static_cast<std::int64_t>(timepoint.job), timepoint.revision));
  return std::any_of(objects.begin(), objects.end(), [&](const std::string& object) {
    return !object.empty() && std::find(has.begin(), has.end(), object) != has.end();
  });
}

// Why a study whose clicks may name objects of an earlier one is to be looked at again; empty where it is not: its
// clicks may have been there before that study's result was, which may be another patient's by now, or revised.
std::string WhyNamedIsOutdated(ServiceContext& context, const Job& study, const StudyOrder& used) {
  if (!used.prior) return "an object that its clicks name may be there now";
  const std::map<JobId, Timepoint> final_ones = FinalOnes(HistoryOf(context, study.source, study.facts.patient));
  const auto now = final_ones.find(JobId{used.prior->job});
  if (now == final_ones.end()) return "the prior that its clicks name counts no more";
  return OrderOf(now->second) == *used.prior ? "" : "the prior that its clicks name was revised";
}

// Why a study without verified clicks is to be looked at again; empty where it would be followed from the same as it
// was.
std::string WhyOutdated(ServiceContext& context, const Job& study) {
  const PriorChoice choice = FindPrior(context, study.id, study.source, study.facts);
  const std::string& code = study.reason.code;
  if (study.state == JobState::kDone || code.starts_with("PRIOR_") || code.starts_with("PROMPT_PRIOR_")) {
    const std::optional<StudyOrder> used = OrderUsed(context, study.id);
    if (!used) return "";
    if (!used->prompts_sha256.empty()) return WhyNamedIsOutdated(context, study, *used);
    if (!used->prior || (choice.prior && *used->prior == OrderOf(*choice.prior))) return "";
  } else if (!choice.prior) {
    return "";
  }
  return choice.prior ? "job " + NumberOf(choice.prior->job) + " is its prior now"
                      : "the prior that it was followed from counts no more";
}

void LookAgainIfOutdated(ServiceContext& context, JobId id) {
  const std::optional<Job> study = context.queue.Find(id);
  const std::string why = study ? WhyOutdated(context, *study) : "";
  if (why.empty() || !context.queue.LookAgain(id, why)) return;
  LogJob(Severity::kInfo, "settling: it has another prior now", id);
}

}  // namespace

std::string PatientsOf(const Settings& settings, const std::string& source) {
  const auto watch = std::find_if(settings.watches.begin(), settings.watches.end(),
                                  [&](const WatchSettings& known) { return known.name == source; });
  return watch == settings.watches.end() ? source : watch->Patients();
}

void LookAgainAt(ServiceContext& context, const std::string& patient) {
  if (!patient.empty()) context.reports_due.insert(patient);
  for (const JobId study : context.history.WithoutVerifiedClicks(patient)) LookAgainIfOutdated(context, study);
  for (const auto& [job, done] : FinalOnes(context.history.Of(patient))) {
    if (!IsInPlace(context, done)) continue;
    const std::string why = WhyReviewedIsOutdated(context, done);
    if (!why.empty() && context.queue.LookAgain(job, why)) LogJob(Severity::kInfo, "settling: its prior changed", job);
  }
}

PriorChoice ChoosePrior(const std::vector<Timepoint>& timepoints, JobId own, const std::string& date) {
  std::vector<Timepoint> last;  // of the latest date before `date`
  for (const auto& [job, timepoint] : FinalOnes(timepoints)) {
    const std::string& of = timepoint.facts.study_date;
    if (job == own || of.empty() || of >= date) continue;
    if (!last.empty() && of < last.front().facts.study_date) continue;
    if (!last.empty() && of > last.front().facts.study_date) last.clear();
    last.push_back(timepoint);
  }
  if (last.empty()) return {std::nullopt, "there is no final result of this patient from before " + date};
  if (last.size() == 1) return {last.front(), ""};
  return {std::nullopt, NotGuessed(last[0].job, last[1].job, last[0].facts.study_date)};
}

PriorChoice FindPrior(ServiceContext& context, JobId own, const std::string& source, const StudyFacts& facts) {
  if (!context.settings.followup.propose) return {std::nullopt, "[followup] propose is off"};
  if (facts.patient.empty()) return {std::nullopt, "the images do not say whose they are"};
  if (facts.study_date.empty()) return {std::nullopt, "the images do not say of when they are"};
  return ChoosePrior(HistoryOf(context, source, facts.patient), own, facts.study_date);
}

PriorChoice FindPriorWith(ServiceContext& context, JobId own, const std::string& source, const StudyFacts& facts,
                          const std::vector<std::string>& objects) {
  const PriorChoice none{std::nullopt,
                         "no final result of this patient from before has the objects that the clicks name"};
  if (facts.patient.empty() || facts.study_date.empty()) return none;
  const std::vector<Timepoint> history = HistoryOf(context, source, facts.patient);
  std::string date;
  std::set<JobId> jobs;  // of that date, the last one on which there is such an object
  for (const Timepoint& timepoint : history) {
    const ResultFacts& of = timepoint.facts;
    if (timepoint.job == own || of.standing != "final" || of.study_date.empty() || of.study_date >= facts.study_date ||
        of.study_date < date || !HasAnyOf(context, timepoint, objects))
      continue;
    if (of.study_date > date) jobs.clear();
    date = of.study_date;
    jobs.insert(timepoint.job);
  }
  if (jobs.empty()) return none;
  if (jobs.size() > 1) return {std::nullopt, NotGuessed(*jobs.begin(), *jobs.rbegin(), date)};
  return {FinalOnes(history).at(*jobs.begin()), ""};
}

PriorOrder OrderOf(const Timepoint& prior) {
  return {static_cast<std::int64_t>(prior.job), prior.revision, prior.digest};
}

void EnterHistory(ServiceContext& context, JobId job, std::int64_t revision) {
  LookAgainAt(context, Enter(context, job, revision).patient);
}

void LookUpHistory(ServiceContext& context) {
  std::set<std::string> patients;
  for (const PublishedResult& result : context.history.WithoutFacts()) {
    if (context.results.IsTaken(static_cast<std::int64_t>(result.job), result.revision))
      patients.insert(Enter(context, result.job, result.revision).patient);
  }
  for (const std::string& patient : patients) LookAgainAt(context, patient);
}

}  // namespace dinsd
