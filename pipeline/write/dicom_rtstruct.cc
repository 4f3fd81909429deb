#include "pipeline/write/dicom_rtstruct.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>

#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/write/dicom_item.h"
#include "pipeline/write/dicom_object.h"
#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/read_back_error.h"
#include "pipeline/write/rt_contours.h"

namespace dinsd {
namespace {

constexpr double kSameGridMm = 0.01;
constexpr std::size_t kLongestName = 64, kLongestLabel = 16;

struct Region {
  std::uint16_t label;
  std::string name;
  const std::vector<SliceContour>* contours;
};

const char* WordOf(RtAlgorithm algorithm) {
  switch (algorithm) {
    case RtAlgorithm::kAutomatic:
      return "AUTOMATIC";
    case RtAlgorithm::kSemiautomatic:
      return "SEMIAUTOMATIC";
    case RtAlgorithm::kManual:
      return "MANUAL";
    case RtAlgorithm::kUnknown:
      break;
  }
  return "";
}

// Colours that colour-blind people tell apart (Okabe and Ito), as the report's.
const char* ColourOf(std::uint16_t label) {
  constexpr std::array<const char*, 6> kColours = {"213\\94\\0",   "230\\159\\0",   "86\\180\\233",
                                                   "240\\228\\66", "204\\121\\167", "0\\158\\115"};
  return kColours.at(label % kColours.size());
}

void CheckInput(const LabelMap& mask, const SourceSeries& series) {
  const std::string file = series.slices.empty() ? "" : series.slices.front().file;
  if (!IsSameGrid(mask.grid, series.grid, kSameGridMm))
    throw InputError("GRID_MISMATCH", file, "", "the mask lies on another grid than the series");
  if (series.is_interpolated)
    throw InputError("VARIABLE_SPACING", file, "", "its slices were interpolated: contours lie in none of its images");
  if (series.frame_of_reference_uid.empty())
    throw InputError("NO_GEOMETRY", file, "FrameOfReferenceUID",
                     "is missing: nothing would say in which space the contours lie");
}

// Every region of the options or the mask, by label.
std::vector<Region> RegionsOf(const std::map<std::uint16_t, std::vector<SliceContour>>& contours,
                              const RtStructOptions& options) {
  static const std::vector<SliceContour> kNone;
  std::map<std::uint16_t, Region> regions;
  for (const RtRegionName& region : options.regions) {
    if (region.label == 0) throw std::invalid_argument("MaskToRtStruct: label 0 is the background");
    regions[region.label] = {region.label, region.name, &kNone};
  }
  for (const auto& [label, loops] : contours) {
    Region& region = regions[label];
    region.label = label;
    region.contours = &loops;
  }
  std::vector<Region> ordered;
  for (auto& [label, region] : regions) {
    if (region.name.empty()) region.name = "Lesion " + std::to_string(label);
    ordered.push_back(std::move(region));
  }
  return ordered;
}

class StructureSet {
 public:
  StructureSet(const SourceSeries& series, const RtStructOptions& options) : series_(series), options_(options) {}

  std::string Write(const std::vector<Region>& regions) {
    CopyPatientAndStudy(series_, object_);
    AddSeriesAndEquipment();
    AddStructureSet();
    AddReferencedSeries();
    for (const Region& region : regions) AddRegion(region);
    PutText(object_, DCM_ApprovalStatus, "UNAPPROVED");
    return BytesOfDicomFile(object_);
  }

 private:
  [[nodiscard]] std::string Uid(const char* what) const {
    return UidOfText("dinsd rtstruct " + std::string(what) + " " + options_.key + " " +
                     series_.slices.front().sop_instance_uid);
  }

  void AddSeriesAndEquipment() {
    PutText(object_, DCM_SOPClassUID, UID_RTStructureSetStorage);
    PutText(object_, DCM_SOPInstanceUID, Uid("instance"));
    PutText(object_, DCM_Modality, "RTSTRUCT");
    PutText(object_, DCM_SeriesInstanceUID, Uid("series"));
    PutText(object_, DCM_SeriesNumber, std::to_string(options_.series_number));
    PutText(object_, DCM_SeriesDescription, TextFor(*series_.header, options_.series_description, kLongestName));
    PutText(object_, DCM_OperatorsName, "");
    PutText(object_, DCM_Manufacturer, "dinsd");
    PutText(object_, DCM_ManufacturerModelName, "dinsd");
    PutText(object_, DCM_SoftwareVersions, DINSD_VERSION);
  }

  void AddStructureSet() {
    const auto [date, time] = DateAndTime(options_.created);
    PutText(object_, DCM_StructureSetLabel, TextFor(*series_.header, options_.label, kLongestLabel));
    PutText(object_, DCM_StructureSetDate, date);
    PutText(object_, DCM_StructureSetTime, time);
    PutText(object_, DCM_InstanceNumber, "1");
  }

  void AddReferencedSeries() {
    DcmItem& frame = AddItem(object_, DCM_ReferencedFrameOfReferenceSequence);
    PutText(frame, DCM_FrameOfReferenceUID, series_.frame_of_reference_uid);
    DcmItem& study = AddItem(frame, DCM_RTReferencedStudySequence);
    PutText(study, DCM_ReferencedSOPClassUID, UID_RETIRED_DetachedStudyManagementSOPClass);
    PutText(study, DCM_ReferencedSOPInstanceUID, series_.study_uid);
    DcmItem& images = AddItem(study, DCM_RTReferencedSeriesSequence);
    PutText(images, DCM_SeriesInstanceUID, series_.series_uid);
    for (std::size_t k = 0; k < series_.slices.size(); ++k) AddImageReference(images, k);
  }

  void AddImageReference(DcmItem& item, std::size_t k) const {
    DcmItem& image = AddItem(item, DCM_ContourImageSequence);
    PutText(image, DCM_ReferencedSOPClassUID, series_.slices.at(k).sop_class_uid);
    PutText(image, DCM_ReferencedSOPInstanceUID, series_.slices.at(k).sop_instance_uid);
    const int frame = series_.slices.at(k).frame;
    if (frame > 0) PutText(image, DCM_ReferencedFrameNumber, std::to_string(frame));
  }

  void AddRegion(const Region& region) {
    const std::string number = std::to_string(region.label);
    DcmItem& roi = AddItem(object_, DCM_StructureSetROISequence);
    PutText(roi, DCM_ROINumber, number);
    PutText(roi, DCM_ReferencedFrameOfReferenceUID, series_.frame_of_reference_uid);
    PutText(roi, DCM_ROIName, TextFor(*series_.header, region.name, kLongestName));
    PutText(roi, DCM_ROIGenerationAlgorithm, WordOf(options_.algorithm));
    DcmItem& contours = AddItem(object_, DCM_ROIContourSequence);
    PutText(contours, DCM_ROIDisplayColor, ColourOf(region.label));
    PutText(contours, DCM_ReferencedROINumber, number);
    AddContours(contours, *region.contours);
    DcmItem& observation = AddItem(object_, DCM_RTROIObservationsSequence);
    PutText(observation, DCM_ObservationNumber, number);
    PutText(observation, DCM_ReferencedROINumber, number);
    PutText(observation, DCM_ROIObservationLabel, TextFor(*series_.header, region.name, kLongestLabel));
    PutText(observation, DCM_RTROIInterpretedType, "");
    PutText(observation, DCM_ROIInterpreter, "");
  }

  // Appended to the sequence itself: AddItem walks along all items that are there, and contours may be many thousands.
  void AddContours(DcmItem& roi, const std::vector<SliceContour>& contours) const {
    if (contours.empty()) return;
    auto sequence = std::make_unique<DcmSequenceOfItems>(DCM_ContourSequence);
    for (const SliceContour& contour : contours) {
      auto item = std::make_unique<DcmItem>();
      AddImageReference(*item, static_cast<std::size_t>(contour.slice));
      PutText(*item, DCM_ContourGeometricType, "CLOSED_PLANAR");
      PutText(*item, DCM_NumberOfContourPoints, std::to_string(contour.corners.size()));
      PutText(*item, DCM_ContourData, ContourText(contour, series_));
      if (sequence->append(item.get()).bad()) throw std::runtime_error("DICOM: a contour cannot be added");
      (void)item.release();
    }
    if (roi.insert(sequence.get(), true).bad()) throw std::runtime_error("DICOM: contours cannot be added");
    (void)sequence.release();
  }

  const SourceSeries& series_;
  const RtStructOptions& options_;
  DcmDataset object_;
};

void CheckReadBack(const std::string& bytes, const LabelMap& mask, const SourceSeries& series) {
  const RtStructReading read = RtStructToMask(std::as_bytes(std::span(bytes)), "rtstruct.dcm", series);
  if (read.mask.labels != mask.labels || !read.notes.empty())
    throw ReadBackError("the RT Structure Set does not read back as the mask");
}

}  // namespace

std::string MaskToRtStruct(const LabelMap& mask, const SourceSeries& series, const RtStructOptions& options) {
  CheckInput(mask, series);
  const auto contours = ContoursOf(mask);
  const std::vector<Region> regions = RegionsOf(contours, options);
  if (regions.empty()) {
    throw InputError("EMPTY_MASK", series.slices.front().file, "",
                     "the mask of this series is empty: a structure set holds at least one region");
  }
  std::string bytes = StructureSet(series, options).Write(regions);
  CheckReadBack(bytes, mask, series);
  return bytes;
}

}  // namespace dinsd
