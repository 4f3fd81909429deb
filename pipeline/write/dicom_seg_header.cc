#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dctag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <array>
#include <cmath>
#include <set>
#include <stdexcept>

#include "pipeline/read/dicom_seg_label.h"
#include "pipeline/write/dicom_object.h"
#include "pipeline/write/dicom_seg_parts.h"
#include "pipeline/write/dicom_uid.h"

namespace dinsd {
namespace {

constexpr std::size_t kLongText = 64;  // characters of LO

void PutSeriesAndEquipment(const SegPart& part, const SegFacts& facts, DcmItem& source, DcmItem& data) {
  const auto [date, time] = DateAndTime(facts.created);
  PutText(data, DCM_Modality, "SEG");
  PutText(data, DCM_SeriesInstanceUID, part.series_uid);
  PutText(data, DCM_SeriesNumber, "9001");
  PutText(data, DCM_SeriesDescription, TitleOf("lesions", facts));
  PutText(data, DCM_SeriesDate, date);
  PutText(data, DCM_SeriesTime, time);
  PutText(data, DCM_ContentDate, date);
  PutText(data, DCM_ContentTime, time);
  PutText(data, DCM_Manufacturer, "dinsd");
  PutText(data, DCM_ManufacturerModelName, "dinsd");
  PutText(data, DCM_DeviceSerialNumber, "0");
  std::string versions = TextFor(source, facts.software, kLongText);
  for (const std::string& weights : {facts.weights_name, facts.weights_sha256}) {
    if (!weights.empty()) versions.append("\\").append(TextFor(source, weights, kLongText));
  }
  PutText(data, DCM_SoftwareVersions, versions);
}

// DICOM has a flag for what is preliminary of reports alone; of a segmentation its label and description tell it.
void PutContent(const SegPart& part, const SegFacts& facts, DcmItem& data) {
  std::string words = facts.is_preliminary ? "Preliminary lesions" : "Lesions";
  if (part.of > 1) {
    words.append(", part ").append(std::to_string(part.number)).append(" of ").append(std::to_string(part.of));
    words.append(" from head to feet");
  }
  PutText(data, DCM_ContentLabel, facts.is_preliminary ? "PRELIMINARY" : "LESIONS");
  PutText(data, DCM_ContentDescription, words);
  PutText(data, DCM_ContentCreatorName, "dinsd^software");
}

void PutImage(const SegPart& part, const SourceSeries& source, const SegFacts& facts, DcmItem& data) {
  PutText(data, DCM_SOPClassUID, UID_SegmentationStorage);
  PutText(data, DCM_SOPInstanceUID, part.sop_instance_uid);
  PutText(data, DCM_InstanceNumber, std::to_string(part.number));
  PutText(data, DCM_ImageType, "DERIVED\\PRIMARY");
  PutContent(part, facts, data);
  PutText(data, DCM_SegmentationType, "BINARY");
  PutText(data, DCM_SegmentsOverlap, "NO");
  PutText(data, DCM_LossyImageCompression, source.is_lossy ? "01" : "00");
  if (!source.is_lossy) return;
  CopyIfThere(*source.header, DCM_LossyImageCompressionRatio, data);
  CopyIfThere(*source.header, DCM_LossyImageCompressionMethod, data);
}

// Hues a golden angle apart, all equally light and colourful: neighbours in number are never alike.
std::array<Uint16, 3> ColourOf(std::size_t number) {
  constexpr double kLightness = 65, kChroma = 60, kGoldenAngle = 2.399963229728653, kMost = 65535;
  const double hue = static_cast<double>(number) * kGoldenAngle;
  const auto coded = [&](double value) { return static_cast<Uint16>(std::lround((value + 128) / 255 * kMost)); };
  return {static_cast<Uint16>(std::lround(kLightness / 100 * kMost)), coded(kChroma * std::cos(hue)),
          coded(kChroma * std::sin(hue))};
}

const char* WordOf(SegAlgorithmType type) {
  switch (type) {
    case SegAlgorithmType::kManual:
      return "MANUAL";
    case SegAlgorithmType::kSemiautomatic:
      return "SEMIAUTOMATIC";
    case SegAlgorithmType::kAutomatic:
      return "AUTOMATIC";
  }
  throw std::logic_error("unknown SegAlgorithmType");
}

void PutAlgorithm(const SegFacts& facts, DcmItem& source, DcmItem& segment) {
  PutText(segment, DCM_SegmentAlgorithmType, WordOf(facts.type));
  if (facts.type == SegAlgorithmType::kManual) return;
  PutText(segment, DCM_SegmentAlgorithmName, TextFor(source, facts.algorithm, kLongText));
  if (facts.weights_sha256.empty()) return;
  DcmItem& item = AddItem(segment, DCM_SegmentationAlgorithmIdentificationSequence);
  AddCode(item, DCM_AlgorithmFamilyCodeSequence, {"123110", "DCM", "Artificial Intelligence"});
  PutText(item, DCM_AlgorithmName, TextFor(source, facts.algorithm, kLongText));
  PutText(item, DCM_AlgorithmVersion, TextFor(source, facts.weights_name, kLongText));
  PutText(item, DCM_AlgorithmParameters, "weights SHA-256 " + facts.weights_sha256);
  PutText(item, DCM_AlgorithmSource, TextFor(source, facts.software, kLongText));
}

void PutSite(const SegLesion& lesion, DcmItem& source, const SegWriteOptions& options, DcmItem& segment) {
  if (!lesion.site || !IsHoldable(*lesion.site)) return;
  DicomCode site = *lesion.site;
  site.meaning = TextFor(source, site.meaning, kLongText);
  AddCode(segment, DCM_AnatomicRegionSequence, site);
  DcmItem* region = nullptr;
  if (segment.findAndGetSequenceItem(DCM_AnatomicRegionSequence, region, 0).bad()) return;
  if (lesion.laterality == "L") AddCode(*region, DCM_AnatomicRegionModifierSequence, options.left);
  if (lesion.laterality == "R") AddCode(*region, DCM_AnatomicRegionModifierSequence, options.right);
  if (lesion.laterality == "B") AddCode(*region, DCM_AnatomicRegionModifierSequence, options.both_sides);
}

// A name of blanks alone would be none.
std::string IdFor(const SegLesion& lesion, DcmItem& source, std::size_t max_characters) {
  const std::string id = TextFor(source, lesion.id, max_characters);
  return id.find_first_not_of(' ') == std::string::npos ? "label " + std::to_string(lesion.label) : id;
}

void AddSegment(const SegPart& part, std::size_t n, const SourceSeries& source, const SegFacts& facts,
                const SegWriteOptions& options, DcmItem& data) {
  const SegLesion& lesion = part.lesions[n];
  DcmItem& segment = AddItem(data, DCM_SegmentSequence);
  PutNumber(segment, DCM_SegmentNumber, static_cast<Uint16>(n + 1));
  PutText(segment, DCM_SegmentLabel, IdFor(lesion, *source.header, kLongText));
  PutText(segment, DCM_SegmentDescription, "label " + std::to_string(lesion.label) + " of the mask");
  AddCode(segment, DCM_SegmentedPropertyCategoryCodeSequence, options.category);
  AddCode(segment, DCM_SegmentedPropertyTypeCodeSequence, options.type);
  PutAlgorithm(facts, *source.header, segment);
  PutSite(lesion, *source.header, options, segment);
  const LesionTracking tracking = TrackingOf(lesion, source);
  PutText(segment, DCM_TrackingID, tracking.id);
  PutText(segment, DCM_TrackingUID, tracking.uid);
  const std::array<Uint16, 3> colour = ColourOf(lesion.label);
  if (segment.putAndInsertUint16Array(DCM_RecommendedDisplayCIELabValue, colour.data(), colour.size()).bad())
    throw std::runtime_error("DICOM: cannot set RecommendedDisplayCIELabValue");
  if (segment.putAndInsertString(DcmTag(kSegLabelCreatorKey, EVR_LO), kSegLabelCreator).bad() ||
      segment.putAndInsertUint16(DcmTag(kSegLabelKey, EVR_US), lesion.label).bad()) {
    throw std::runtime_error("DICOM: cannot set the label of a segment");
  }
}

void PutReferences(const SourceSeries& source, DcmItem& data) {
  DcmItem& series = AddItem(data, DCM_ReferencedSeriesSequence);
  PutText(series, DCM_SeriesInstanceUID, source.series_uid);
  std::set<std::string> known;
  for (const SourceSlice& slice : source.slices) {
    if (!known.insert(slice.sop_instance_uid).second) continue;  // another frame of it
    DcmItem& instance = AddItem(series, DCM_ReferencedInstanceSequence);
    PutText(instance, DCM_ReferencedSOPClassUID, slice.sop_class_uid);
    PutText(instance, DCM_ReferencedSOPInstanceUID, slice.sop_instance_uid);
  }
}

}  // namespace

std::string TitleOf(const std::string& what, const SegFacts& facts) {
  std::string title = facts.is_preliminary ? "preliminary " + what : what;
  title.front() = static_cast<char>(title.front() - 'a' + 'A');
  title.append(" by dinsd");
  if (!facts.of_series.empty()) title.append(", ").append(facts.of_series);
  return title.append(" (research use only)");
}

LesionTracking TrackingOf(const SegLesion& lesion, const SourceSeries& source) {
  constexpr std::size_t kNoLimit = 1024;
  std::string uid = lesion.tracking_uid;
  if (uid.empty()) uid = TrackingUidOf(source.study_uid, source.series_uid, lesion.id);
  return {IdFor(lesion, *source.header, kNoLimit), uid};
}

void PutSegHeader(const SegPart& part, const SourceSeries& source, const SegFacts& facts,
                  const SegWriteOptions& options, DcmDataset& data) {
  CopyPatientAndStudy(source, data);
  PutSeriesAndEquipment(part, facts, *source.header, data);
  PutImage(part, source, facts, data);
  for (std::size_t n = 0; n < part.lesions.size(); ++n) AddSegment(part, n, source, facts, options, data);
  PutReferences(source, data);
}

}  // namespace dinsd
