#include "pipeline/followup/prior.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/followup/json_text.h"
#include "pipeline/followup/prior_objects.h"

namespace dinsd {
namespace {

using nlohmann::json;

[[noreturn]] void Refuse(const char* code, const std::string& file, const std::string& field, const std::string& why) {
  throw InputError(code, file, field, why, InputVerdict::kNeedsPrompts);
}

// A study without a patient is nobody's prior, and has none.
void CheckPatient(const std::string& patient, const std::string& issuer, const StudyIdentity& today,
                  const std::string& file) {
  if (!patient.empty() && patient == today.patient && issuer == today.issuer) return;
  throw InputError("PRIOR_OTHER_PATIENT", file, "patient", "the prior is of another patient, or of nobody known",
                   InputVerdict::kQuarantined);
}

std::string InWords(const std::string& date) {
  return date.empty() ? "no known date" : date;
}

// By its report: whose it is, of when, and whether it counts.
std::string CheckReport(const ResultPlace& place, const StudyIdentity& today) {
  const json report = ReadResultJson(place.result, "report.json");
  const json study = report.contains("study") ? report.at("study") : json::object();
  CheckPatient(TextAt(study, "patient"), TextAt(study, "issuer"), today, "report.json");
  if (TextAt(report, "state") != "final")
    Refuse("PRIOR_PRELIMINARY", "report.json", "state", "nobody has verified the clicks of the prior's result");
  const std::string date = TextAt(study, "study_date");
  if (date.empty() || date >= today.study_date) {
    Refuse("PRIOR_NOT_EARLIER", "report.json", "study_date",
           "the prior is of " + InWords(date) + ", this study of " + InWords(today.study_date));
  }
  return date;
}

}  // namespace

Prior ReadPrior(const ResultPlace& place, const StudyIdentity& today, const StudyReadOptions& options) {
  Prior prior{CheckReport(place, today), ReadMeasuredStudy(place, options)};
  const StudyIdentity& images = prior.measured.identity;
  CheckPatient(images.patient, images.issuer, today, place.name);
  const std::vector<std::uint16_t>& labels = prior.measured.mask.labels;
  if (std::all_of(labels.begin(), labels.end(), [](std::uint16_t label) { return label == 0; }))
    Refuse("PRIOR_EMPTY", "mask.nii.gz", "", "no lesion of the prior has a voxel: nothing can be followed");
  NameObjects(place, options.limits, prior.measured.lesions);
  return prior;
}

}  // namespace dinsd
