#include <algorithm>
#include <set>

#include "pipeline/import/mask_source.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/word_pattern.h"

namespace dinsd {
namespace {

bool IsOurs(const RtStruct& object) {
  return object.manufacturer == "dinsd" && object.model == "dinsd";
}

// Why a region is a lesion; empty where nothing says so.
std::string ReasonOf(const RtStruct& object, const RtRoi& roi, const ImportOptions& options) {
  if (IsOurs(object)) return "made by dinsd";
  if (roi.interpreted_type == "GTV") return "its interpreted type is GTV";
  if (!options.regions.empty() && MatchesWord(options.regions, roi.name)) return "its name matches import_regions";
  return "";
}

std::string WhyNot(const RtStruct& object, const SourceSeries& series) {
  if (SaysPreliminary(object.label, object.series_description))
    return "says of itself that it is preliminary: a person has to verify it first";
  if (object.approval == "REJECTED") return "was rejected by a reviewer, as its ApprovalStatus says";
  const std::vector<std::string>& named = object.referenced_series_uids;
  if (!named.empty() && std::find(named.begin(), named.end(), series.series_uid) == named.end())
    return "was drawn on another series than the one that is segmented";
  return "";
}

// One line however many there are.
std::string WhyNotTaken(const std::vector<std::int64_t>& others, const std::string& file) {
  std::string words = file + ": region " + std::to_string(others.front()) +
                      " is not of interpreted type GTV, and its name does not match import_regions";
  if (others.size() > 1) words.append("; the same of ").append(std::to_string(others.size() - 1)).append(" others");
  return words;
}

std::vector<RtRoi> Choose(const RtStruct& object, const std::string& file, const ImportOptions& options,
                          MaskSource& source) {
  std::vector<RtRoi> taken;
  std::vector<std::int64_t> others;
  std::set<std::string> made;
  for (const RtRoi& roi : object.rois) {
    const std::string reason = ReasonOf(object, roi, options);
    if (reason.empty()) {
      others.push_back(roi.number);
      continue;
    }
    source.mask.lesions.push_back({.id = roi.name, .number = roi.number, .reason = reason});
    if (!roi.generation.empty()) made.insert(roi.generation);
    taken.push_back(roi);
  }
  if (!others.empty()) source.not_taken.push_back(WhyNotTaken(others, file));
  if (object.rois.empty()) source.not_taken.push_back(file + ": holds no region");
  for (const std::string& word : made) source.mask.made.append(source.mask.made.empty() ? "" : ", ").append(word);
  return taken;
}

}  // namespace

MaskSource MaskOfRtStructFile(const MaskFile& file, const SourceSeries& series, const ImportOptions& options) {
  MaskSource source;
  RtStruct object;
  if (!CanBeRead(
          file.file, [&] { object = ReadRtStruct(file.bytes, file.file); }, source))
    return source;
  if (const std::string why = WhyNot(object, series); !why.empty()) {
    source.not_taken.push_back(file.file + ": " + why);
    return source;
  }
  const std::vector<RtRoi> taken = Choose(object, file.file, options, source);
  if (taken.empty()) return source;
  source.mask.kind = "RT Structure Set";
  source.mask.maker = MakerWords(object.manufacturer, object.model, object.software);
  source.mask.files = {{file.file, file.sha256, object.sop_instance_uid}};
  source.series_uid = object.series_uid;
  Refusing(file.file, [&] {
    RtStructReading reading = RegionsToMask(taken, file.file, series);
    source.labels = std::move(reading.mask);
    source.mask.notes = std::move(reading.notes);
  });
  return source;
}

}  // namespace dinsd
