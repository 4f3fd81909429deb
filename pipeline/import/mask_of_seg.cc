#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "pipeline/import/lesion_codes.h"
#include "pipeline/import/mask_source.h"
#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_seg.h"

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

// The studies whose images it says that it was made of, beside its own.
std::vector<std::string> StudiesNamedBy(const MaskFile& file) {
  const DicomLayout layout = PrescanDicom(file.bytes, file.file);
  const std::unique_ptr<DcmDataset> data_set = LoadDataSet(file.bytes, layout, DicomPart::kHeader, file.file);
  const DicomValues root(*data_set, file.file);
  std::vector<std::string> studies;
  for (DcmItem* item : root.Items(DCM_StudiesContainingOtherReferencedInstancesSequence))
    studies.push_back(root.Of(*item).Text(DCM_StudyInstanceUID, "StudyInstanceUID"));
  return studies;
}

// Why it is no mask of this image; empty where it may be one.
std::string WhyOfAnother(const DicomSeg& seg, std::vector<std::string> studies, const SourceSeries& series) {
  studies.push_back(seg.study_uid);
  const bool has_other = std::any_of(studies.begin(), studies.end(), [&](const std::string& study) {
    return !study.empty() && study != series.study_uid;
  });
  if (has_other) return "was made on images of another study too, or of it alone";
  const std::vector<std::string>& named = seg.referenced_series_uids;
  if (!named.empty() && std::find(named.begin(), named.end(), series.series_uid) == named.end())
    return "was made on another series than the one that is segmented";
  return "";
}

// Why nothing of a mask of this image is taken, whatever its segments are; empty where that may be.
std::string WhyNot(const DicomSeg& seg) {
  if (SaysPreliminary(seg.content_label, seg.series_description))
    return "says of itself that it is preliminary: a person has to verify it first";
  if (seg.kind == SegKind::kFractional)
    return "is fractional: from which fraction on a voxel belongs to a lesion it does not say";
  return "";
}

}  // namespace

MaskSource MaskOfSegFile(const MaskFile& file, const SourceSeries& series) {
  MaskSource source;
  DicomSeg seg;
  source.series_uid = PrescanDicom(file.bytes, file.file).series_uid;
  std::vector<std::string> studies;
  const auto read = [&] {
    seg = ReadDicomSeg(file.bytes, file.file);
    studies = StudiesNamedBy(file);
  };
  if (!CanBeRead(file.file, read, source)) {
    source.is_missing_part = true;
    return source;
  }
  if (const std::string why = WhyOfAnother(seg, std::move(studies), series); !why.empty()) {
    source.not_taken.push_back(file.file + ": " + why);
    return source;
  }
  if (const std::string why = WhyNot(seg); !why.empty()) {
    source.not_taken.push_back(file.file + ": " + why);
    source.is_missing_part = true;
    return source;
  }
  Choose(seg, source);
  if (source.mask.lesions.empty()) return source;
  source.mask.kind = "DICOM SEG";
  source.mask.maker = MakerWords(seg.manufacturer, seg.model, seg.software);
  source.mask.files = {{file.file, file.sha256, seg.sop_instance_uid}};
  Refusing(file.file, [&] { source.labels = LabelsOnGrid(seg, TargetOf(series)); });
  return source;
}

}  // namespace dinsd
