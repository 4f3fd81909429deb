#include "pipeline/read/rtstruct_file.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr double kFarthestMm = 1e5;
// A contour takes eight elements: more than 100,000 contours.
constexpr DicomPrescanLimits kLimits{.max_elements = 1'000'000};

// Between backslashes one number: DICOM's decimal strings may be padded and may begin with '+'.
std::optional<double> NumberOf(std::string_view text) {
  const auto is_padding = [](char c) { return c == ' ' || c == '\0'; };
  while (!text.empty() && is_padding(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_padding(text.back())) text.remove_suffix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_number = error == std::errc() && end == text.data() + text.size() && std::abs(value) <= kFarthestMm;
  return is_number ? std::optional(value) : std::nullopt;
}

class RtFile {
 public:
  RtFile(std::span<const std::byte> bytes, std::string file) : file_(std::move(file)) {
    const DicomLayout layout = PrescanDicom(bytes, file_, kLimits);
    if (layout.error) throw InputError(*layout.error);
    if (layout.sop_class_uid != UID_RTStructureSetStorage)
      Refuse("WRONG_SOP_CLASS", "SOPClassUID", "is " + layout.sop_class_uid + ", an RT Structure Set was expected");
    data_set_ = LoadDataSet(bytes, layout, DicomPart::kHeader, file_);
    read_.study_uid = layout.study_uid;
    read_.series_uid = layout.series_uid;
    read_.sop_instance_uid = layout.sop_instance_uid;
  }

  RtStruct Read() {
    const DicomValues root(*data_set_, file_);
    ReadOrigin(root);
    ReadReferences(root);
    read_.rois = Rois();
    return std::move(read_);
  }

 private:
  void ReadOrigin(const DicomValues& root) {
    read_.manufacturer = root.Text(DCM_Manufacturer, "Manufacturer");
    read_.model = root.Text(DCM_ManufacturerModelName, "ManufacturerModelName");
    const std::vector<std::string> versions = root.Texts(DCM_SoftwareVersions, "SoftwareVersions");
    if (!versions.empty()) read_.software = versions.front();
    read_.label = root.Text(DCM_StructureSetLabel, "StructureSetLabel");
    read_.series_description = root.Text(DCM_SeriesDescription, "SeriesDescription");
    read_.approval = root.Text(DCM_ApprovalStatus, "ApprovalStatus");
  }

  void ReadReferences(const DicomValues& root) {
    for (DcmItem* frame : root.Items(DCM_ReferencedFrameOfReferenceSequence)) {
      for (DcmItem* study : root.Of(*frame).Items(DCM_RTReferencedStudySequence)) {
        for (DcmItem* series : root.Of(*study).Items(DCM_RTReferencedSeriesSequence)) {
          read_.referenced_series_uids.push_back(root.Of(*series).Text(DCM_SeriesInstanceUID, "SeriesInstanceUID"));
        }
      }
    }
  }

  std::vector<RtRoi> Rois() {
    const DicomValues root(*data_set_, file_);
    for (DcmItem* item : root.Items(DCM_StructureSetROISequence)) AddRoi(root.Of(*item));
    for (DcmItem* item : root.Items(DCM_ROIContourSequence)) AddContours(root.Of(*item));
    for (DcmItem* item : root.Items(DCM_RTROIObservationsSequence)) AddObservation(root.Of(*item));
    return std::move(rois_);
  }

  [[noreturn]] void Refuse(const char* code, const char* field, const std::string& why) const {
    throw InputError(code, file_, field, why);
  }

  // Nothing where it is missing or no whole number that a double holds.
  static std::optional<std::int64_t> WholeNumberIn(const DicomValues& item, const DcmTagKey& key, const char* field) {
    const std::vector<double> numbers = item.Numbers(key, field);
    if (numbers.size() != 1 || numbers[0] != std::floor(numbers[0]) || std::abs(numbers[0]) > 1e15) return std::nullopt;
    return static_cast<std::int64_t>(numbers[0]);
  }

  std::int64_t NumberIn(const DicomValues& item, const DcmTagKey& key, const char* field) const {
    const std::optional<std::int64_t> number = WholeNumberIn(item, key, field);
    if (!number) Refuse("RT_ROI_NUMBER", field, "is missing or no whole number");
    return *number;
  }

  void AddRoi(const DicomValues& item) {
    RtRoi roi;
    roi.number = NumberIn(item, DCM_ROINumber, "ROINumber");
    roi.name = item.Text(DCM_ROIName, "ROIName");
    roi.generation = item.Text(DCM_ROIGenerationAlgorithm, "ROIGenerationAlgorithm");
    roi.frame_of_reference_uid = item.Text(DCM_ReferencedFrameOfReferenceUID, "ReferencedFrameOfReferenceUID");
    if (!place_of_.emplace(roi.number, rois_.size()).second)
      Refuse("RT_ROI_NUMBER", "ROINumber", std::to_string(roi.number) + " is there twice");
    rois_.push_back(std::move(roi));
  }

  void AddContours(const DicomValues& item) {
    const std::int64_t number = NumberIn(item, DCM_ReferencedROINumber, "ReferencedROINumber");
    const auto place = place_of_.find(number);
    if (place == place_of_.end()) {
      Refuse("RT_ROI_NUMBER", "ReferencedROINumber",
             std::to_string(number) + " has contours, and no region has this number");
    }
    RtRoi& roi = rois_[place->second];
    for (DcmItem* contour : item.Items(DCM_ContourSequence)) AddContour(item.Of(*contour), roi);
  }

  // An observation of a region that there is not, or of no number, says nothing.
  void AddObservation(const DicomValues& item) {
    const std::optional<std::int64_t> number = WholeNumberIn(item, DCM_ReferencedROINumber, "ReferencedROINumber");
    const auto place = number ? place_of_.find(*number) : place_of_.end();
    if (place == place_of_.end()) return;
    rois_[place->second].interpreted_type = item.Text(DCM_RTROIInterpretedType, "RTROIInterpretedType");
  }

  void AddContour(const DicomValues& item, RtRoi& roi) const {
    const std::string type = item.Text(DCM_ContourGeometricType, "ContourGeometricType");
    const bool is_closed = type == "CLOSED_PLANAR" || type == "CLOSEDPLANAR_XOR";
    if (!is_closed && type != "POINT" && type != "OPEN_PLANAR" && type != "OPEN_NONPLANAR")
      Refuse("RT_CONTOUR_TYPE", "ContourGeometricType", Name(roi) + ": none that DICOM defines");
    RtContour contour;
    contour.points = Points(item, roi);
    if (!is_closed || contour.points.size() < 3) {
      ++roi.ignored;
      return;
    }
    const std::vector<DcmItem*> images = item.Items(DCM_ContourImageSequence);
    if (!images.empty()) {
      const DicomValues image = item.Of(*images.front());
      contour.sop_instance_uid = image.Text(DCM_ReferencedSOPInstanceUID, "ReferencedSOPInstanceUID");
      const double frame = image.Number(DCM_ReferencedFrameNumber, "ReferencedFrameNumber").value_or(0);
      contour.frame = frame >= 1 && frame <= 1e9 ? static_cast<int>(frame) : 0;
    }
    roi.contours.push_back(std::move(contour));
  }

  static std::string Name(const RtRoi& roi) {
    return "contour " + std::to_string(roi.contours.size() + roi.ignored + 1) + " of region " +
           std::to_string(roi.number);
  }

  std::vector<std::array<double, 3>> Points(const DicomValues& item, const RtRoi& roi) const {
    const auto refuse = [&](const std::string& why) {
      Refuse("RT_CONTOUR_DATA", "ContourData", Name(roi) + ": " + why);
    };
    const std::string_view text = item.RawValue(DCM_ContourData);
    const auto values = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\\')) + 1;
    const std::optional<double> stated = item.Number(DCM_NumberOfContourPoints, "NumberOfContourPoints");
    if (values % 3 != 0) refuse(std::to_string(values) + " numbers: not three a point");
    std::vector<std::array<double, 3>> points(values / 3);
    if (stated != static_cast<double>(points.size()))
      refuse(std::to_string(points.size()) + " points, NumberOfContourPoints says something else");
    std::size_t begin = 0;
    for (std::size_t n = 0; n < values; ++n) {
      const std::size_t end = std::min(text.find('\\', begin), text.size());
      const std::optional<double> value = NumberOf(text.substr(begin, end - begin));
      if (!value) refuse("value " + std::to_string(n + 1) + " is no number within 100 m");
      points[n / 3][n % 3] = *value;
      begin = end + 1;
    }
    return points;
  }

  std::string file_;
  std::unique_ptr<DcmDataset> data_set_;
  RtStruct read_;
  std::vector<RtRoi> rois_;
  std::map<std::int64_t, std::size_t> place_of_;
};

}  // namespace

RtStruct ReadRtStruct(std::span<const std::byte> bytes, const std::string& file) {
  return RtFile(bytes, file).Read();
}

std::vector<RtRoi> ReadRtStructFile(std::span<const std::byte> bytes, const std::string& file) {
  return ReadRtStruct(bytes, file).rois;
}

}  // namespace dinsd
