#include "pipeline/longitudinal/patient_timepoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {
namespace {

using nlohmann::json;

std::string TextOr(const json& object, const char* key) {
  return object.contains(key) && object.at(key).is_string() ? object.at(key).get<std::string>() : "";
}

std::optional<double> NumberOr(const json& object, const char* key) {
  if (!object.contains(key) || !object.at(key).is_number()) return std::nullopt;
  return object.at(key).get<double>();
}

std::optional<int> CountOr(const json& object, const char* key) {
  if (!object.contains(key) || !object.at(key).is_number_integer()) return std::nullopt;
  return object.at(key).get<int>();
}

// A result that was made before there were intervals has none, and says nothing of it.
void TakeInterval(const json& row, MeasuredLesion& lesion) {
  lesion.no_interval = TextOr(row, "no_interval");
  if (!row.contains("interval") || !row.at("interval").is_object()) {
    if (lesion.no_interval.empty()) lesion.no_interval = "the result has no interval of its volume";
    return;
  }
  const json& given = row.at("interval");
  lesion.interval =
      ReportedInterval{given.at("low_ml").get<double>(), given.at("high_ml").get<double>(),
                       given.at("level").get<double>(), given.at("runs").get<int>(), NumberOr(given, "change_log_sd")};
  if (!lesion.interval->change_log_sd && lesion.no_interval.empty())
    lesion.no_interval = "the interval of its volume is not calibrated for changes";
}

// Of a study and a series without UIDs "L1" has the same UID as any other's "L1": that is none.
void ForgetUidOfNothing(PriorLesion& lesion) {
  if (lesion.tracking_uid == TrackingUidOf("", "", lesion.id)) lesion.tracking_uid.clear();
}

void TakeLesions(const json& report, PatientTimepoint& timepoint) {
  std::vector<PriorLesion> lesions = LesionsOfReport(report);
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    const json& row = report.at("lesions").at(n);
    MeasuredLesion lesion;
    lesion.lesion = std::move(lesions[n]);
    ForgetUidOfNothing(lesion.lesion);
    lesion.clicks_positive = CountOr(row, "clicks_positive");
    lesion.clicks_negative = CountOr(row, "clicks_negative");
    lesion.flags = row.at("flags").get<std::vector<std::string>>();
    TakeInterval(row, lesion);
    timepoint.lesions.push_back(std::move(lesion));
  }
}

void TakeStudy(const json& report, PatientTimepoint& timepoint) {
  const json& study = report.at("study");
  timepoint.patient = TextOr(study, "patient");
  timepoint.issuer = TextOr(study, "issuer");
  timepoint.study_date = TextOr(study, "study_date");
  timepoint.study_uid = TextOr(study, "study_uid");
  timepoint.weight_kg = NumberOr(study, "weight_kg");
  timepoint.size_m = NumberOr(study, "size_m");
  timepoint.age_years = NumberOr(study, "age_years");
  const json& image = report.at("image");
  timepoint.voxel_mm3 = image.at("voxel_volume_ml").get<double>() * 1000;
  timepoint.slice_spacing_mm = image.at("slice_spacing_mm").get<double>();
  timepoint.series_uid = TextOr(image, "series_uid");
  for (const json& note : image.at("notes"))
    timepoint.has_geometry_warning |= note.get<std::string>().starts_with("geometry_warning");
}

std::string Joined(const std::vector<std::string>& words, const char* separator) {
  std::string joined;
  for (const std::string& word : words) joined.append(joined.empty() ? "" : separator).append(word);
  return joined;
}

void TakeFollowUp(const json& report, PatientTimepoint& timepoint) {
  if (!report.contains("follow_up") || !report.at("follow_up").is_object()) return;
  const json& given = report.at("follow_up");
  FollowedFrom& from = timepoint.followed.emplace();
  from.job = given.at("prior_job").get<std::int64_t>();
  from.revision = given.at("prior_revision").get<std::int64_t>();
  from.result_sha256 = TextOr(given, "prior_result_sha256");
  from.is_revised = given.contains("proposed_from_revision") && given.at("proposed_from_revision").is_number();
  for (const json& row : given.at("lesions")) {
    const auto label = row.at("prior_label").get<std::uint16_t>();
    if (row.at("class") == "not_imaged") from.not_imaged.insert(label);
    const json& flags = row.at("flags");
    const bool is_gone = std::find(flags.begin(), flags.end(), kPriorRevised) != flags.end();
    if (!is_gone) from.id_today[label] = row.at("tracking_id").get<std::string>();
  }
  const json& registration = given.at("registration");
  timepoint.affine_determinants = registration.at("affine_determinants").get<std::vector<double>>();
  from.flags = registration.at("flags").get<std::vector<std::string>>();
  from.findings = Joined(registration.at("findings").get<std::vector<std::string>>(), "; ");
}

void TakeMethod(const json& provenance, MeasuringMethod& method) {
  method.weights = TextOr(provenance.at("weights"), "name");
  method.weights_sha256 = TextOr(provenance.at("weights"), "sha256");
  method.options_sha256 = TextOr(provenance, "options_sha256");
  method.software = TextOr(provenance, "software");
  if (!provenance.contains("imported")) return;
  method.weights = "imported: " + TextOr(provenance.at("imported"), "maker");
  method.imported_sha256 = TextOr(provenance.at("imported"), "sha256");
}

void TakeReport(const json& report, PatientTimepoint& timepoint) {
  timepoint.revision = report.at("revision").get<std::int64_t>();
  timepoint.is_final = TextOr(report, "state") == "final";
  timepoint.is_out_of_domain = report.at("out_of_domain").get<bool>();
  timepoint.created = TextOr(report, "created");
  timepoint.verified_by = TextOr(report.at("prompts"), "operator");
  timepoint.total_ml = report.at("totals").at("volume_ml").get<double>();
  timepoint.measurable_slices = report.at("run").at("options").value("measurable_slices", timepoint.measurable_slices);
  TakeStudy(report, timepoint);
  TakeLesions(report, timepoint);
  TakeFollowUp(report, timepoint);
  if (report.contains("imported")) timepoint.warnings = report.at("warnings").get<std::vector<std::string>>();
}

}  // namespace

bool MeasuredLesion::Has(const std::string& flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

std::string FollowedFrom::InWords() const {
  std::string words = Joined(flags, ", ");
  if (!findings.empty()) words.append(": ").append(findings);
  return words;
}

std::string DifferenceInWords(const MeasuringMethod& a, const MeasuringMethod& b) {
  if (a.imported_sha256 != b.imported_sha256) return "a mask of others";
  if (!a.imported_sha256.empty()) return "";
  std::string words;
  const auto add = [&words](bool is_other, const char* what) {
    if (is_other) words.append(words.empty() ? "" : ", ").append(what);
  };
  add(a.weights_sha256 != b.weights_sha256, "other weights");
  add(a.options_sha256 != b.options_sha256, "other options");
  add(a.software != b.software, "another version");
  return words;
}

PatientTimepoint ReadPatientTimepoint(ResultPlace place) {
  PatientTimepoint timepoint;
  const json result = ReadResultJson(place.result, "result.json");
  place.result_sha256 = VerifyResultFolder(place.result, TextOr(result, "jobKey"));
  if (place.result_sha256.empty())
    throw InputError("PRIOR_RESULT", "result.json", "", "the result is no longer as it was published");
  try {
    TakeReport(ReadResultJson(place.result, "report.json"), timepoint);
    TakeMethod(ReadResultJson(place.result, "provenance.json"), timepoint.method);
  } catch (const json::exception& error) {
    throw InputError("PRIOR_RESULT", "report.json", "",
                     std::string("the result cannot be understood: ") + error.what());
  }
  timepoint.place = std::move(place);
  return timepoint;
}

}  // namespace dinsd
