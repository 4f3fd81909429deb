#include <algorithm>
#include <map>
#include <set>

#include "pipeline/import/lesion_codes.h"
#include "pipeline/import/mask_source.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

bool IsOurs(const DicomSeg& seg) {
  return seg.manufacturer == "dinsd" && seg.model == "dinsd";
}

std::string SideOf(const SegCode& side) {
  static const std::map<std::string, std::string> kSides = {{"7771000", "L"}, {"24028007", "R"}, {"51440002", "B"},
                                                            {"G-A101", "L"},  {"G-A100", "R"},   {"G-A102", "B"}};
  const auto found = kSides.find(side.value);
  return found == kSides.end() ? "" : found->second;
}

bool IsUid(const std::string& text) {
  return !text.empty() && text.size() <= 64 && text.find_first_not_of("0123456789.") == std::string::npos &&
         text.front() != '.' && text.back() != '.' && text.find("..") == std::string::npos;
}

// One line however many there are: a segmentation of organs may have hundreds.
std::string WhyNotTaken(const std::vector<const SegSegment*>& others, const std::string& file) {
  const SegSegment& first = *others.front();
  std::string words = file + ": segment " + std::to_string(first.number);
  if (first.type.value.empty()) {
    words += " has no type";
  } else {
    words.append(" is of type ").append(first.type.value).append(" ").append(first.type.scheme);
  }
  words += ", which is no lesion's";
  if (others.size() > 1) words.append("; nor are ").append(std::to_string(others.size() - 1)).append(" others");
  return words;
}

ImportedLesion LesionOf(const SegSegment& segment, bool is_ours) {
  ImportedLesion lesion;
  lesion.id = segment.tracking_id.empty() ? segment.name : segment.tracking_id;
  if (IsUid(segment.tracking_uid)) lesion.tracking_uid = segment.tracking_uid;
  lesion.number = segment.number;
  lesion.reason =
      is_ours ? "made by dinsd" : "its type is a lesion's, " + segment.type.value + " " + segment.type.scheme;
  if (!segment.site.value.empty())
    lesion.site = PromptCode{segment.site.value, segment.site.scheme, segment.site.meaning};
  lesion.laterality = SideOf(segment.side);
  return lesion;
}

// Takes segments as labels from 1 on, in their order; others get none.
void Choose(DicomSeg& seg, MaskSource& source) {
  std::set<std::string> made;
  std::vector<const SegSegment*> others;
  for (SegSegment& segment : seg.segments) {
    const bool is_background = segment.label == 0;
    segment.label = 0;
    if (is_background) continue;
    if (!IsOurs(seg) && !IsLesionType(segment.type)) {
      others.push_back(&segment);
      continue;
    }
    source.mask.lesions.push_back(LesionOf(segment, IsOurs(seg)));
    segment.label = static_cast<std::uint16_t>(source.mask.lesions.size());
    if (!segment.algorithm_type.empty()) made.insert(segment.algorithm_type);
  }
  if (!others.empty()) source.not_taken.push_back(WhyNotTaken(others, seg.file));
  for (const std::string& word : made) source.mask.made.append(source.mask.made.empty() ? "" : ", ").append(word);
}

// Why nothing of it is taken, whatever its segments are; empty where that may be.
std::string WhyNot(const DicomSeg& seg, const SourceSeries& series) {
  if (SaysPreliminary(seg.content_label, seg.series_description))
    return "says of itself that it is preliminary: a person has to verify it first";
  const std::vector<std::string>& named = seg.referenced_series_uids;
  if (!named.empty() && std::find(named.begin(), named.end(), series.series_uid) == named.end())
    return "was made on another series than the one that is segmented";
  return "";
}

}  // namespace

MaskSource MaskOfSegFile(const MaskFile& file, const SourceSeries& series) {
  MaskSource source;
  DicomSeg seg;
  try {
    seg = ReadDicomSeg(file.bytes, file.file);
  } catch (const InputError& error) {
    source.not_taken.push_back(file.file + ": cannot be read, " + error.code() + ": " + error.sentence());
    return source;
  }
  if (const std::string why = WhyNot(seg, series); !why.empty()) {
    source.not_taken.push_back(file.file + ": " + why);
    return source;
  }
  Choose(seg, source);
  if (source.mask.lesions.empty()) return source;
  source.mask.kind = "DICOM SEG";
  source.mask.maker = MakerWords(seg.manufacturer, seg.model, seg.software);
  source.mask.files = {{file.file, file.sha256, seg.sop_instance_uid}};
  source.series_uid = seg.series_uid;
  Refusing([&] { source.labels = LabelsOnGrid(seg, TargetOf(series)); });
  return source;
}

}  // namespace dinsd
