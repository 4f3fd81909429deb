#include "pipeline/longitudinal/longitudinal_dicom.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include "pipeline/followup/prior_objects.h"
#include "pipeline/longitudinal/longitudinal.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/dicom_data_set.h"
#include "pipeline/write/check_sr.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/result_files.h"

namespace dinsd {
namespace {

constexpr DicomPrescanLimits kLimits{.max_elements = 2'000'000};  // of a report of many lesions

// The DICOM objects of a result, its structured report first.
std::vector<std::string> ObjectsOf(const PatientTimepoint& timepoint) {
  std::vector<std::string> names;
  const nlohmann::json result = ReadResultJson(timepoint.place.result, kResultFile);
  for (const auto& [name, facts] : result.at("files").items()) {
    if (name.starts_with(kDicomFolder) && name.ends_with(".dcm")) names.push_back(name);
  }
  std::stable_partition(names.begin(), names.end(), [](const std::string& name) { return name.ends_with("/sr.dcm"); });
  return names;
}

// Its header stands for that of the images: what is copied from it was copied from them.
std::optional<SourceSeries> StudyIn(const PatientTimepoint& timepoint, const std::string& name) {
  const std::vector<std::byte> bytes = ReadFileBytes(timepoint.place.result, name, kMostResultBytes);
  const DicomLayout layout = PrescanDicom(bytes, name, kLimits);
  if (layout.error || layout.study_uid != timepoint.study_uid) return std::nullopt;
  SourceSeries study;
  study.study_uid = timepoint.study_uid;
  study.series_uid = timepoint.series_uid;
  study.header = LoadDataSet(bytes, layout, DicomPart::kHeader, name);
  return study;
}

std::optional<SourceSeries> StudyOf(const PatientTimepoint& timepoint) {
  try {
    for (const std::string& name : ObjectsOf(timepoint)) {
      if (std::optional<SourceSeries> study = StudyIn(timepoint, name)) return study;
    }
  } catch (const InputError&) {  // a reason to have no such file, and none to have no report
  } catch (const nlohmann::json::exception&) {
  }
  return std::nullopt;
}

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

// Without a key: all UIDs are made of what the report says.
std::string Write(const LongitudinalReport& report, const LongitudinalDicom& dicom) {
  const SegFacts facts{.created = report.created, .software = report.software, .is_preliminary = dicom.is_preliminary};
  return MeasurementsToSr(dicom.content, {dicom.study}, facts, dicom.codes);
}

LongitudinalDicom None(const std::string& why) {
  LongitudinalDicom none;
  none.why_none = why;
  return none;
}

}  // namespace

LongitudinalDicom MakeLongitudinalDicom(const LongitudinalReport& report, const DicomOutputOptions& options) {
  const PatientTimepoint& newest = report.timepoints().back();
  if (!options.sr) return None("structured reports are not wanted");
  if (newest.study_uid.empty()) return None("the study of the newest timepoint is no DICOM");
  if (!ParseDateTime(report.created)) return None("the report does not say when it was made");
  std::optional<SourceSeries> study = StudyOf(newest);
  if (!study) return None("the result of the newest timepoint has no DICOM object of its study that says whose it is");
  LongitudinalDicom dicom{.why_none = "",
                          .content = LongitudinalSrContent(report, options),
                          .study = std::move(*study),
                          .is_preliminary = !newest.is_final,
                          .codes = options.codes};
  dicom.bytes = Write(report, dicom);
  const DicomLayout layout = PrescanDicom(BytesOf(dicom.bytes), kLongitudinalDicom, kLimits);
  if (layout.error) return None("it would be larger than a reader takes: " + layout.error->sentence());
  return dicom;
}

void NameMeasuredObjects(PatientHistory& history, const ReadLimits& limits) {
  for (PatientTimepoint& timepoint : history.timepoints) {
    std::vector<PriorLesion> lesions;
    for (const MeasuredLesion& lesion : timepoint.lesions) lesions.push_back(lesion.lesion);
    NameObjects(timepoint.place, limits, lesions);
    for (std::size_t n = 0; n < lesions.size(); ++n)
      timepoint.lesions[n].lesion.objects = std::move(lesions[n].objects);
  }
}

void CheckLongitudinalDicom(const std::filesystem::path& folder, const LongitudinalDicom& dicom) {
  try {
    const std::vector<std::byte> read = ReadFileBytes(folder, kLongitudinalDicom, kMostResultBytes);
    const std::span<const std::byte> written = BytesOf(dicom.bytes);
    if (!std::equal(read.begin(), read.end(), written.begin(), written.end()))
      throw ReadBackError(std::string(kLongitudinalDicom) + " does not read back byte by byte");
    CheckSr(read, kLongitudinalDicom, dicom.content, dicom.study, dicom.is_preliminary, dicom.codes);
  } catch (const InputError& error) {  // what we wrote is no input
    throw ReadBackError(std::string(kLongitudinalDicom) + " does not read back: " + error.what());
  }
}

}  // namespace dinsd
