#include "pipeline/followup/prior_objects.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/followup/json_text.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

using nlohmann::json;

using PartsByLabel = std::map<std::uint16_t, std::vector<ObjectPart>>;

ObjectPart PartOf(const DicomLayout& object, std::int64_t number) {
  return {object.study_uid, object.series_uid, object.sop_class_uid, object.sop_instance_uid, number};
}

// In the result's own objects of the classes that `is_wanted` takes.
PartsByLabel OwnParts(const ResultPlace& place, const ReadLimits& limits, bool (*is_wanted)(const std::string&)) {
  PartsByLabel parts;
  const json result = ReadResultJson(place.result, "result.json");
  for (const auto& [file, facts] : result.at("files").items()) {
    if (!file.ends_with(".dcm")) continue;
    const std::vector<std::byte> bytes = ReadFileBytes(place.result, file, limits.max_file_bytes);
    const DicomLayout layout = PrescanDicom(bytes, file);
    if (!is_wanted(layout.sop_class_uid)) continue;
    for (const NumberedLesion& lesion : LesionsOfObject(bytes, file, layout.sop_class_uid))
      parts[lesion.label].push_back(PartOf(layout, lesion.number));
  }
  return parts;
}

// In the objects that the result was imported from; its n-th lesion has the label n + 1.
PartsByLabel ImportedParts(const ResultPlace& place, const ReadLimits& limits) {
  PartsByLabel parts;
  const json report = ReadResultJson(place.result, "report.json");
  if (!report.contains("imported")) return parts;
  const json& imported = report.at("imported");
  std::vector<DicomLayout> objects;
  for (const json& file : imported.at("files")) {
    const std::string uid = TextAt(file, "sop_instance_uid"), name = TextAt(file, "file");
    objects.emplace_back();
    if (uid.empty()) continue;  // no DICOM
    DicomLayout now = PrescanDicom(ReadFileBytes(place.images, name, limits.max_file_bytes), name);
    if (!now.error && now.sop_instance_uid == uid) objects.back() = std::move(now);
  }
  const json& lesions = imported.at("lesions");
  for (std::size_t n = 0; n < lesions.size(); ++n) {
    const auto file = lesions.at(n).at("file").get<std::size_t>();
    if (file >= objects.size() || objects[file].sop_instance_uid.empty()) continue;
    parts[static_cast<std::uint16_t>(n + 1)] = {PartOf(objects[file], lesions.at(n).at("number").get<std::int64_t>())};
  }
  return parts;
}

PartsByLabel PartsOf(const ResultPlace& place, const ReadLimits& limits) {
  PartsByLabel parts = OwnParts(place, limits, IsSegClass);
  if (parts.empty()) parts = OwnParts(place, limits, IsRtStructClass);
  return parts.empty() ? ImportedParts(place, limits) : parts;
}

}  // namespace

std::vector<NumberedLesion> LesionsOfObject(std::span<const std::byte> bytes, const std::string& file,
                                            const std::string& sop_class_uid) {
  std::vector<NumberedLesion> lesions;
  if (IsSegClass(sop_class_uid)) {
    for (const SegSegment& segment : ReadDicomSeg(bytes, file).segments)
      lesions.push_back({segment.number, segment.label});
  } else if (IsRtStructClass(sop_class_uid)) {
    for (const RtRoi& roi : ReadRtStruct(bytes, file).rois)
      lesions.push_back({roi.number, static_cast<std::uint16_t>(roi.number)});  // as we write them
  }
  return lesions;
}

void NameObjects(const ResultPlace& place, const ReadLimits& limits, std::vector<PriorLesion>& lesions) {
  for (PriorLesion& lesion : lesions) lesion.objects.clear();
  try {
    const PartsByLabel parts = PartsOf(place, limits);
    for (PriorLesion& lesion : lesions) {
      if (const auto found = parts.find(lesion.label); found != parts.end()) lesion.objects = found->second;
    }
  } catch (const InputError&) {
    return;
  } catch (const json::exception&) {  // a report that says it otherwise
    return;
  }
}

}  // namespace dinsd
