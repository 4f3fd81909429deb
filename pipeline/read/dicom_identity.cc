#include "pipeline/read/dicom_identity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "pipeline/read/code_points.h"
#include "pipeline/read/date_time.h"

namespace dinsd {
namespace {

// Takes YYYYMMDD as YYYY-MM-DD, or says why not.
void TakeDate(const std::string& date, std::int64_t unix_now, DicomIdentity& identity) {
  if (date.empty() || !identity.study_date.empty()) return;
  const std::string iso = date.size() == 8 ? date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6) : "";
  const std::optional<std::int64_t> day = ParseDate(iso);
  const std::string fault = day ? FaultOfDay(*day, unix_now) : "is no date";
  if (fault.empty()) {
    identity.study_date = iso;
  } else if (identity.date_fault.empty()) {
    identity.date_fault = "date_warning: StudyDate " + fault + ": it is not used";
  }
}

std::optional<double> AgeInYears(const std::string& age) {
  static const std::map<char, double> kPerYear = {{'Y', 1}, {'M', 12}, {'W', 52.1775}, {'D', 365.25}};
  if (age.size() != 4 || age.find_first_not_of("0123456789") != 3) return std::nullopt;
  const auto unit = kPerYear.find(age.back());
  if (unit == kPerYear.end()) return std::nullopt;
  return std::stod(age.substr(0, 3)) / unit->second;
}

// What a person can have, as the schemas of study.json and of an inspected study say; some write a size in centimetres.
struct Measure {
  const char* field;
  double most;
  const char* unit;
};
constexpr Measure kWeight{"PatientWeight", 1000, "kg"}, kSize{"PatientSize", 10, "m"}, kAge{"PatientAge", 150, "years"};

// Takes the first that is stated, or says why not. An empty weight or size is often written as 0: that is not told.
void TakeMeasure(const std::optional<double>& value, const Measure& measure, std::optional<double>& taken,
                 std::vector<std::string>& faults) {
  if (taken || !value || *value < 0 || (*value == 0 && &measure != &kAge)) return;
  if (*value <= measure.most) {
    taken = value;
    return;
  }
  const std::string fault = std::string("measure_warning: ")
                                .append(measure.field)
                                .append(" is more than ")
                                .append(std::to_string(std::lround(measure.most)))
                                .append(" ")
                                .append(measure.unit)
                                .append(": it is not used");
  if (std::find(faults.begin(), faults.end(), fault) == faults.end()) faults.push_back(fault);
}

InputError Conflict(const DicomInstance& a, const DicomInstance& b, const std::string& field, const std::string& why) {
  return {"IDENTITY_CONFLICT", b.file, field, why + " than in " + a.file, InputVerdict::kQuarantined};
}

// What may be missing, and must agree where it is stated. Two dates of a study would leave its place in time to chance.
struct StatedOnce {
  const char* field;
  std::string DicomInstance::*member;
  const char* why;
};
constexpr std::array<StatedOnce, 3> kStatedOnce = {
    {{"PatientName", &DicomInstance::patient_name, "another name"},
     {"PatientBirthDate", &DicomInstance::birth_date, "another birth date"},
     {"StudyDate", &DicomInstance::study_date, "another date"}}};

bool BothStateOther(const std::string& a, const std::string& b) {
  return !a.empty() && !b.empty() && a != b;
}

std::optional<InputError> Disagreement(const DicomInstance& a, const DicomInstance& b) {
  if (a.study_uid != b.study_uid) return Conflict(a, b, "StudyInstanceUID", "another study in the same folder");
  if (a.patient_id != b.patient_id) return Conflict(a, b, "PatientID", "another patient");
  if (a.issuer != b.issuer) return Conflict(a, b, "IssuerOfPatientID", "another issuer");
  return std::nullopt;
}

std::optional<InputError> ReusedUid(const DicomInstance& a, const DicomInstance& b) {
  if (a.series_uid != b.series_uid) return Conflict(a, b, "SOPInstanceUID", "used again, in another series");
  if (a.pixel_sha256 != b.pixel_sha256) return Conflict(a, b, "SOPInstanceUID", "used again, with other pixels");
  return std::nullopt;
}

}  // namespace

DicomIdentity IdentityOf(const std::vector<DicomInstance>& instances, std::int64_t unix_now) {
  DicomIdentity identity;
  if (instances.empty()) return identity;
  identity.study_uid = instances.front().study_uid;
  if (IsBlank(instances.front().patient_id)) {
    if (!instances.front().patient_id.empty())
      identity.patient_fault = "patient_warning: PatientID is blank: it is not used";
  } else {
    identity.patient_id = instances.front().patient_id;
  }
  identity.issuer = instances.front().issuer;
  for (const DicomInstance& instance : instances) {
    TakeDate(instance.study_date, unix_now, identity);
    TakeMeasure(instance.weight_kg, kWeight, identity.weight_kg, identity.measure_faults);
    TakeMeasure(instance.size_m, kSize, identity.size_m, identity.measure_faults);
    TakeMeasure(AgeInYears(instance.age), kAge, identity.age_years, identity.measure_faults);
  }
  return identity;
}

std::optional<InputError> FindIdentityConflict(const std::vector<DicomInstance>& instances) {
  std::map<std::string, const DicomInstance*> by_uid;
  std::array<const DicomInstance*, kStatedOnce.size()> stated{};
  for (const DicomInstance& instance : instances) {
    if (const auto conflict = Disagreement(instances.front(), instance)) return conflict;
    for (std::size_t k = 0; k < kStatedOnce.size(); ++k) {
      const auto& [field, member, why] = kStatedOnce.at(k);
      if (stated.at(k) == nullptr && !(instance.*member).empty()) stated.at(k) = &instance;
      if (stated.at(k) != nullptr && BothStateOther(stated.at(k)->*member, instance.*member)) {
        return Conflict(*stated.at(k), instance, field, why);
      }
    }
    const auto [first, is_new] = by_uid.emplace(instance.sop_instance_uid, &instance);
    if (is_new) continue;
    if (auto conflict = ReusedUid(*first->second, instance)) return conflict;
  }
  return std::nullopt;
}

}  // namespace dinsd
