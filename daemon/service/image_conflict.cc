#include "daemon/service/image_conflict.h"

#include <set>
#include <string>
#include <vector>

#include "daemon/messages/job_key.h"
#include "daemon/service/job_log.h"
#include "daemon/service/prior_choice.h"
#include "daemon/service/result_rows.h"
#include "daemon/service/study_facts.h"

namespace dinsd {
namespace {

constexpr const char* kCode = "SAME_IMAGES_OTHER_PATIENT";

std::vector<Job> OtherPatients(ServiceContext& context, JobId id, const SettledStudy& study,
                               const InspectedStudy& inspected) {
  if (inspected.identity.patient.empty()) return {};
  std::vector<Job> others = context.queue.OthersWith(ImagesDigest(inspected), id);
  const std::string patients = PatientsOf(context.settings, study.source);
  std::erase_if(others, [&](const Job& other) {
    return other.facts.patient.empty() || PatientsOf(context.settings, other.source) != patients ||
           IsSamePatient(context.salt, other.facts.patient, inspected.identity) ||
           (other.state == JobState::kQuarantined && !IsThere(other));
  });
  return others;
}

std::string NumberOf(JobId job) {
  return std::to_string(static_cast<std::int64_t>(job));
}

// Read in either job, so it names both.
std::string Sentence(const Job& other, JobId id, const StudyFacts& facts) {
  return "job " + NumberOf(other.id) + " (patient " + other.facts.patient + ") and job " + NumberOf(id) + " (patient " +
         facts.patient +
         ") have the same images, which are of one person: correct the one that is wrong or take it away, then let "
         "dins "
         "queue retry take up the other";
}

void Tell(JobId id, JobId other) {
  LogJob(Severity::kWarning, "quarantined: the same images under two patients", id, kCode,
         {{"other", static_cast<std::int64_t>(other)}});
}

}  // namespace

bool QuarantineImagesOfTwoPatients(ServiceContext& context, const Lease& lease, const SettledStudy& study,
                                   const InspectedStudy& inspected) {
  const std::vector<Job> others = OtherPatients(context, lease.job, study, inspected);
  if (others.empty()) return false;
  const StudyFacts facts = FactsOf(context.salt, inspected.identity, inspected.has_manifest);
  const std::string images = ImagesDigest(inspected);
  const Reason reason{kCode, study.entry, "patient", Sentence(others.front(), lease.job, facts)};
  if (context.queue.RefuseImages(lease, facts, images, reason) == Fenced::kStale) return true;
  Tell(lease.job, others.front().id);
  std::set<std::string> patients = {facts.patient};
  for (const Job& other : others) {
    const Reason why{kCode, other.entry, "patient", Sentence(other, lease.job, facts)};
    if (!context.queue.QuarantineImages(other.id, images, why)) continue;
    Tell(other.id, lease.job);
    patients.insert(other.facts.patient);
  }
  for (const std::string& patient : patients) LookAgainAt(context, patient);
  return true;
}

}  // namespace dinsd
