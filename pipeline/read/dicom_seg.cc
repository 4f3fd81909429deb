#include "pipeline/read/dicom_seg.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <stdexcept>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_geometry.h"
#include "pipeline/read/dicom_seg_label.h"
#include "pipeline/read/dicom_transfer_syntax.h"
#include "pipeline/read/functional_groups.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr const char* kSegClass = "1.2.840.10008.5.1.4.1.1.66.4";
constexpr const char* kLabelMapClass = "1.2.840.10008.5.1.4.1.1.66.7";

class SegParser {
 public:
  SegParser(std::span<const std::byte> bytes, const std::string& file)
      : bytes_(bytes), layout_(PrescanDicom(bytes, file)) {
    seg_.file = file;
    if (layout_.error) throw InputError(*layout_.error);
    if (!IsSegClass(layout_.sop_class_uid)) Refuse("NOT_A_SEG", "SOPClassUID", "is " + layout_.sop_class_uid);
    data_set_ = LoadDataSet(bytes, layout_, DicomPart::kHeader, file);
    values_.emplace(*data_set_, file);
  }

  DicomSeg Parse() {
    seg_.study_uid = layout_.study_uid;
    seg_.series_uid = layout_.series_uid;
    seg_.sop_instance_uid = layout_.sop_instance_uid;
    seg_.frame_of_reference_uid = layout_.frame_of_reference_uid;
    ReadOrigin();
    CheckIsVolume();
    ReadKind();
    ReadSegments();
    ReadFrames();
    TakePixels();
    return std::move(seg_);
  }

 private:
  [[noreturn]] void Refuse(const char* code, const char* field, const std::string& why) const {
    throw InputError(code, seg_.file, field, why);
  }

  // Who made it and of what; none of it is needed to read the segments.
  void ReadOrigin() {
    seg_.manufacturer = values_->Text(DCM_Manufacturer, "Manufacturer");
    seg_.model = values_->Text(DCM_ManufacturerModelName, "ManufacturerModelName");
    const std::vector<std::string> versions = values_->Texts(DCM_SoftwareVersions, "SoftwareVersions");
    if (!versions.empty()) seg_.software = versions.front();
    seg_.content_label = values_->Text(DCM_ContentLabel, "ContentLabel");
    seg_.series_description = values_->Text(DCM_SeriesDescription, "SeriesDescription");
    for (DcmItem* item : values_->Items(DCM_ReferencedSeriesSequence)) {
      seg_.referenced_series_uids.push_back(values_->Of(*item).Text(DCM_SeriesInstanceUID, "SeriesInstanceUID"));
    }
  }

  [[nodiscard]] SegCode CodeIn(DcmItem* item, const DcmTagKey& sequence) const {
    DcmItem* code = item == nullptr ? nullptr : FirstItem(item, sequence);
    if (code == nullptr) return {};
    const DicomValues values = values_->Of(*code);
    return {values.Text(DCM_CodeValue, "CodeValue"), values.Text(DCM_CodingSchemeDesignator, "CodingSchemeDesignator"),
            values.Text(DCM_CodeMeaning, "CodeMeaning")};
  }

  void CheckIsVolume() const {
    if (seg_.frame_of_reference_uid.empty()) {
      Refuse("SEG_NOT_A_VOLUME", "FrameOfReferenceUID", "is not there: the segments are not on slices of a volume");
    }
    const bool is_tiled =
        values_->Has(DCM_TotalPixelMatrixRows) ||
        values_->Text(DCM_DimensionOrganizationType, "DimensionOrganizationType").starts_with("TILED");
    if (is_tiled) Refuse("SEG_NOT_A_VOLUME", "TotalPixelMatrixRows", "the segments are on tiles of a slide");
  }

  void ReadKind() {
    const std::string type = values_->Text(DCM_SegmentationType, "SegmentationType");
    const bool is_label_map_class = layout_.sop_class_uid == kLabelMapClass;
    if (type == "BINARY" && !is_label_map_class) {
      seg_.kind = SegKind::kBinary;
    } else if (type == "FRACTIONAL" && !is_label_map_class) {
      seg_.kind = SegKind::kFractional;
      seg_.fraction_one = values_->Unsigned(DCM_MaximumFractionalValue);
      if (seg_.fraction_one < 1) Refuse("UNDECODABLE", "MaximumFractionalValue", "is 0 or missing");
    } else if (type == "LABELMAP" && is_label_map_class) {
      seg_.kind = SegKind::kLabelMap;
      seg_.background = values_->Unsigned(DCM_PixelPaddingValue);
    } else {
      Refuse("UNDECODABLE", "SegmentationType", "is not one of this class of object");
    }
    ReadPixelLayout();
  }

  void ReadPixelLayout() {
    seg_.rows = values_->Unsigned(DCM_Rows);
    seg_.columns = values_->Unsigned(DCM_Columns);
    if (seg_.rows < 1) Refuse("UNDECODABLE", "Rows", "is 0 or no number");
    if (seg_.columns < 1) Refuse("UNDECODABLE", "Columns", "is 0 or no number");
    const int bits = values_->Unsigned(DCM_BitsAllocated);
    const bool is_expected = seg_.kind == SegKind::kBinary       ? bits == 1
                             : seg_.kind == SegKind::kFractional ? bits == 8
                                                                 : bits == 8 || bits == 16;
    if (!is_expected || values_->Unsigned(DCM_SamplesPerPixel) != 1 ||
        values_->Unsigned(DCM_PixelRepresentation) != 0) {
      Refuse("UNDECODABLE", "BitsAllocated", "is " + std::to_string(bits) + ", which a SEG of this type does not have");
    }
    seg_.bits = static_cast<unsigned>(bits);
  }

  // What dinsd wrote beside the standard; of an implicit data set its value comes as bytes.
  static std::uint16_t OwnLabel(DcmItem& item, const DicomValues& values) {
    if (values.Text(kSegLabelCreatorKey, "PrivateCreator") != kSegLabelCreator) return 0;
    Uint16 label = 0;
    if (item.findAndGetUint16(kSegLabelKey, label).good()) return label;
    const Uint8* raw = nullptr;
    unsigned long count = 0;
    const bool is_there = item.findAndGetUint8Array(kSegLabelKey, raw, &count).good() && raw != nullptr && count == 2;
    return is_there ? static_cast<std::uint16_t>(raw[0] | raw[1] << 8) : 0;
  }

  bool IsBackground(DcmItem& item, std::uint16_t number) const {
    if (seg_.kind != SegKind::kLabelMap) return false;
    DcmItem* type = FirstItem(&item, DCM_SegmentedPropertyTypeCodeSequence);
    if (number == 0 || type == nullptr) return number == 0;
    const DicomValues code = values_->Of(*type);
    return code.Text(DCM_CodeValue, "CodeValue") == "125040" &&
           code.Text(DCM_CodingSchemeDesignator, "CodingSchemeDesignator") == "DCM";
  }

  void ReadSegments() {
    std::set<std::uint16_t> numbers, labels;
    for (DcmItem* item : values_->Items(DCM_SegmentSequence)) {
      const DicomValues values = values_->Of(*item);
      SegSegment segment;
      segment.number = static_cast<std::uint16_t>(values.Unsigned(DCM_SegmentNumber));
      segment.label = OwnLabel(*item, values);
      segment.name = values.Text(DCM_SegmentLabel, "SegmentLabel");
      segment.algorithm_type = values.Text(DCM_SegmentAlgorithmType, "SegmentAlgorithmType");
      segment.tracking_id = values.Text(DCM_TrackingID, "TrackingID");
      segment.tracking_uid = values.Text(DCM_TrackingUID, "TrackingUID");
      segment.category = CodeIn(item, DCM_SegmentedPropertyCategoryCodeSequence);
      segment.type = CodeIn(item, DCM_SegmentedPropertyTypeCodeSequence);
      segment.site = CodeIn(item, DCM_AnatomicRegionSequence);
      segment.side = CodeIn(FirstItem(item, DCM_AnatomicRegionSequence), DCM_AnatomicRegionModifierSequence);
      if (segment.number == 0 && seg_.kind != SegKind::kLabelMap)
        Refuse("SEG_SEGMENTS", "SegmentNumber", "is 0 or missing");
      if (!numbers.insert(segment.number).second)
        Refuse("SEG_SEGMENTS", "SegmentNumber", std::to_string(segment.number) + " occurs twice");
      if (segment.label > 0) labels.insert(segment.label);
      if (IsBackground(*item, segment.number)) background_.insert(segment.number);
      seg_.segments.push_back(std::move(segment));
    }
    if (seg_.segments.empty()) Refuse("SEG_SEGMENTS", "SegmentSequence", "describes no segment");
    const bool has_own_labels = labels.size() == seg_.segments.size();
    for (SegSegment& segment : seg_.segments) {
      if (!has_own_labels) segment.label = background_.contains(segment.number) ? 0 : segment.number;
    }
    std::sort(seg_.segments.begin(), seg_.segments.end(),
              [](const SegSegment& a, const SegSegment& b) { return a.number < b.number; });
    numbers_ = std::move(numbers);
  }

  void ReadFrames() {
    const double promised = values_->Number(DCM_NumberOfFrames, "NumberOfFrames").value_or(1);
    shared_ = FirstItem(data_set_.get(), DCM_SharedFunctionalGroupsSequence);
    const std::vector<DcmItem*> items = values_->Items(DCM_PerFrameFunctionalGroupsSequence);
    if (items.empty() || promised != static_cast<double>(items.size())) {
      Refuse("SEG_FRAMES", "NumberOfFrames", "is not the number of described frames, " + std::to_string(items.size()));
    }
    seg_.frames.reserve(items.size());
    for (DcmItem* item : items) seg_.frames.push_back(ReadFrame(item));
  }

  SegFrame ReadFrame(DcmItem* item) {
    const FunctionalGroups groups(shared_, item);
    DcmItem* position = groups.Find(DCM_PlanePositionSequence);
    DcmItem* orientation = groups.Find(DCM_PlaneOrientationSequence);
    if (position == nullptr || orientation == nullptr) {
      Refuse("SEG_NOT_A_VOLUME", "PlanePositionSequence", "a frame has no position and orientation in the patient");
    }
    DicomInstance plane;
    plane.file = seg_.file;
    plane.position = Exactly<3>(values_->Of(*position).Numbers(DCM_ImagePositionPatient, "ImagePositionPatient"));
    plane.orientation =
        Exactly<6>(values_->Of(*orientation).Numbers(DCM_ImageOrientationPatient, "ImageOrientationPatient"));
    ReadMeasures(groups.Find(DCM_PixelMeasuresSequence), plane);
    if (const auto problem = GeometryProblem(plane)) throw InputError(*problem);
    return {ReadSegmentNumber(groups.Find(DCM_SegmentIdentificationSequence)), *plane.position, *plane.orientation};
  }

  void ReadMeasures(DcmItem* measures, DicomInstance& plane) {
    if (measures == nullptr) return;
    const DicomValues values = values_->Of(*measures);
    plane.pixel_spacing = Exactly<2>(values.Numbers(DCM_PixelSpacing, "PixelSpacing"));
    if (!plane.pixel_spacing) return;
    if (seg_.frames.empty()) {
      seg_.pixel_spacing = *plane.pixel_spacing;
      seg_.slice_spacing_mm = std::abs(values.Number(DCM_SpacingBetweenSlices, "SpacingBetweenSlices").value_or(0));
      seg_.slice_thickness_mm = std::abs(values.Number(DCM_SliceThickness, "SliceThickness").value_or(0));
    }
    if (*plane.pixel_spacing != seg_.pixel_spacing)
      Refuse("NO_GEOMETRY", "PixelSpacing", "is not the same in all frames");
  }

  std::uint16_t ReadSegmentNumber(DcmItem* identification) const {
    if (seg_.kind == SegKind::kLabelMap) return 0;
    const int number =
        identification == nullptr ? 0 : values_->Of(*identification).Unsigned(DCM_ReferencedSegmentNumber);
    if (!numbers_.contains(static_cast<std::uint16_t>(number))) {
      Refuse("SEG_SEGMENTS", "ReferencedSegmentNumber",
             "a frame is of segment " + std::to_string(number) + ", which is not described");
    }
    return static_cast<std::uint16_t>(number);
  }

  void TakePixels() {
    if (!layout_.has_pixels) Refuse("UNDECODABLE", "PixelData", "is not there");
    if (layout_.is_encapsulated || IsCompressed(layout_.transfer_syntax) || layout_.is_big_endian) {
      Refuse("UNDECODABLE", "TransferSyntaxUID",
             "only uncompressed little endian segments are read, not " + TransferSyntaxName(layout_.transfer_syntax));
    }
    const std::uint64_t pixels = static_cast<std::uint64_t>(seg_.rows) * static_cast<std::uint64_t>(seg_.columns) *
                                 seg_.frames.size();  // below 2^52: so many frames are described
    const std::uint64_t needed = (pixels * seg_.bits + 7) / 8;
    if (layout_.pixel_bytes != needed && layout_.pixel_bytes != needed + needed % 2) {
      Refuse("UNDECODABLE", "PixelData",
             std::to_string(layout_.pixel_bytes) + " bytes, " + std::to_string(seg_.frames.size()) + " frames of " +
                 std::to_string(seg_.rows) + " x " + std::to_string(seg_.columns) + " need " + std::to_string(needed));
    }
    const auto stored = bytes_.subspan(layout_.pixel_offset, layout_.pixel_bytes);
    seg_.pixels.assign(stored.begin(), stored.end());
  }

  std::span<const std::byte> bytes_;
  DicomLayout layout_;
  DicomSeg seg_;
  std::unique_ptr<DcmDataset> data_set_;
  std::optional<DicomValues> values_;
  DcmItem* shared_ = nullptr;
  std::set<std::uint16_t> numbers_, background_;
};

}  // namespace

unsigned DicomSeg::Pixel(std::size_t frame, std::size_t at) const {
  const std::size_t pixel = frame * static_cast<std::size_t>(rows * columns) + at;
  if (bits == 1) return std::to_integer<unsigned>(pixels[pixel / 8] >> (pixel % 8)) & 1U;
  if (bits == 8) return std::to_integer<unsigned>(pixels[pixel]);
  return std::to_integer<unsigned>(pixels[2 * pixel]) | std::to_integer<unsigned>(pixels[2 * pixel + 1]) << 8U;
}

bool IsSegClass(const std::string& sop_class_uid) {
  return sop_class_uid == kSegClass || sop_class_uid == kLabelMapClass;
}

DicomSeg ReadDicomSeg(std::span<const std::byte> bytes, const std::string& file) {
  return SegParser(bytes, file).Parse();
}

void SegReadOptions::Check() const {
  if (!(threshold > 0 && threshold <= 1)) throw std::invalid_argument("threshold must be above 0 and at most 1");
}

}  // namespace dinsd
