#include "pipeline/followup/timepoint.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/followup/json_text.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/report/interval_json.h"
#include "pipeline/report/method.h"
#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/result_folder.h"

namespace dinsd {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20U;
constexpr double kGridToleranceMm = 0.05;  // a mask's file has single precision

[[noreturn]] void Refuse(const char* code, const std::string& file, const std::string& field, const std::string& why) {
  throw InputError(code, file, field, why, InputVerdict::kNeedsPrompts);
}

// Outside of the daemon a result has no job.
std::int64_t NumberOr0(const std::string& digits) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

bool HasFlag(const json& row, const char* flag) {
  const json& flags = row.at("flags");
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

PriorLesion LesionFrom(const json& row) {
  PriorLesion lesion;
  lesion.id = row.at("tracking_id").get<std::string>();
  lesion.tracking_uid = TextAt(row, "tracking_uid");
  lesion.type = TextAt(row, "type");
  lesion.depth = TextAt(row, "depth");
  lesion.laterality = TextAt(row, "laterality");
  if (row.at("site").is_object())
    lesion.site = {TextAt(row.at("site"), "value"), TextAt(row.at("site"), "scheme"),
                   TextAt(row.at("site"), "meaning")};
  lesion.label = row.at("label").get<std::uint16_t>();
  lesion.volume_ml = row.at("volume_ml").get<double>();
  lesion.slices_spanned = row.at("slices_spanned").get<int>();
  lesion.is_below_measurable = row.at("below_measurable").get<bool>();
  lesion.touches_border = HasFlag(row, "touches_border");
  lesion.change_log_sd = ChangeLogSdOf(row);
  return lesion;
}

void TakeReport(const json& report, MeasuredStudy& measured) {
  measured.job = NumberOr0(TextAt(report, "job_id"));
  measured.revision = report.at("revision").get<std::int64_t>();
  measured.weights_sha256 = TextAt(report.at("run"), "weights_sha256");
  measured.lesions = LesionsOfReport(report);
}

void CheckResult(const ResultPlace& place) {
  const json result = ReadResultJson(place.result, "result.json");
  if (VerifyResultFolder(place.result, TextAt(result, "jobKey")) != place.result_sha256)
    Refuse("PRIOR_RESULT", "result.json", "", "the prior's result is no longer the one that was published");
}

// By file, what the content goes by: stored pixels of DICOM, else the file's bytes.
std::map<std::string, std::string> ContentsOf(const InspectedStudy& study) {
  std::map<std::string, std::string> contents;
  for (const FileDigest& digest : study.digests)
    contents[digest.file] = digest.pixel_sha256.empty() ? digest.sha256 : digest.pixel_sha256;
  return contents;
}

std::map<std::string, std::string> ContentsOf(const json& provenance) {
  std::map<std::string, std::string> contents;
  for (const json& input : provenance.at("inputs")) {
    const std::string pixels = TextAt(input, "pixel_sha256");
    contents[TextAt(input, "file")] = pixels.empty() ? TextAt(input, "sha256") : pixels;
  }
  return contents;
}

// The image that the report names, found again among the files that were read then.
InspectedStudy InspectAgain(const ResultPlace& place, const json& report, const json& provenance,
                            StudyReadOptions options) {
  const json& image = report.at("image");
  options.wanted_series_uid = TextAt(image, "series_uid");
  if (TextAt(image, "format") != "dicom" && image.at("files").size() == 1)
    options.wanted_series_uid = TextAt(image.at("files").at(0), "sha256");
  std::vector<std::string> files;
  for (const auto& [file, content] : ContentsOf(provenance)) files.push_back(file);
  return InspectStudy(place.images, place.name, files, options);
}

void CheckSameImages(const InspectedStudy& study, const StudyImage& image, const json& provenance) {
  const std::map<std::string, std::string> now = ContentsOf(study), then = ContentsOf(provenance);
  const auto segmented = provenance.at("segmented_files").get<std::vector<std::string>>();
  const std::string first = segmented.empty() ? "" : segmented.front();
  if (image.files != segmented)
    Refuse("PRIOR_IMAGES", first, "", "the prior's folder now gives another image than the one that was segmented");
  for (const std::string& file : segmented) {
    const auto before = then.find(file), after = now.find(file);
    if (before == then.end() || after == now.end() || before->second != after->second)
      Refuse("PRIOR_IMAGES", file, "", "of the prior is not the one that was segmented");
  }
}

void ReadImages(const ResultPlace& place, const json& report, const json& provenance, const StudyReadOptions& options,
                MeasuredStudy& measured) {
  const InspectedStudy study = InspectAgain(place, report, provenance, options);
  measured.identity = study.identity;
  measured.image = ChosenImage(study);
  CheckSameImages(study, measured.image, provenance);
  measured.volumes = ReadStudyVolumes(place.images, measured.image, options);
}

void ReadMask(const ResultPlace& place, const ReadLimits& limits, MeasuredStudy& measured) {
  measured.mask = ReadLabelFile(place.result / "mask.nii.gz", limits);
  if (!IsSameGrid(measured.mask.grid, measured.volumes.whole.grid, kGridToleranceMm))
    Refuse("PRIOR_RESULT", "mask.nii.gz", "", "does not lie on the grid of the prior's images");
}

}  // namespace

json ReadResultJson(const std::filesystem::path& result, const char* file) {
  try {
    const std::vector<std::byte> bytes = ReadFileBytes(result, file, kMostBytes);
    const auto* const text = reinterpret_cast<const char*>(bytes.data());
    return json::parse(text, text + bytes.size());
  } catch (const json::exception&) {
    Refuse("PRIOR_RESULT", file, "", "of the prior's result is no JSON");
  } catch (const InputError& error) {
    Refuse("PRIOR_RESULT", file, error.field(), "of the prior's result cannot be read: " + error.sentence());
  }
}

std::vector<PriorLesion> LesionsOfReport(const json& report) {
  std::vector<PriorLesion> lesions;
  const json& image = report.at("image");
  const json& first = image.contains("stations") ? image.at("stations").at(0) : image;
  const std::string study = TextAt(report.at("study"), "study_uid"), series = TextAt(first, "series_uid");
  for (const json& row : report.at("lesions")) {
    lesions.push_back(LesionFrom(row));
    std::string& uid = lesions.back().tracking_uid;
    if (uid.empty()) uid = TrackingUidOf(study, series, lesions.back().id);
  }
  return lesions;
}

MeasuredStudy ReadMeasuredStudy(const ResultPlace& place, const StudyReadOptions& options) {
  MeasuredStudy measured;
  try {
    CheckResult(place);
    const json report = ReadResultJson(place.result, "report.json");
    const json provenance = ReadResultJson(place.result, "provenance.json");
    TakeReport(report, measured);
    measured.method = MethodDigest(provenance);
    measured.options_sha256 = TextAt(provenance, "options_sha256");
    measured.software = TextAt(provenance, "software");
    ReadImages(place, report, provenance, options, measured);
    ReadMask(place, options.limits, measured);
  } catch (const json::exception& error) {
    Refuse("PRIOR_RESULT", "report.json", "", std::string("the result cannot be understood: ") + error.what());
  } catch (const InputError& error) {
    if (error.code().starts_with("PRIOR_")) throw;
    Refuse("PRIOR_IMAGES", error.file(), error.field(), std::string("the result's images: ") + error.what());
  }
  return measured;
}

}  // namespace dinsd
