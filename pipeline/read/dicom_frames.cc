#include "pipeline/read/dicom_frames.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <string_view>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_scaling.h"
#include "pipeline/read/functional_groups.h"

namespace dinsd {
namespace {

constexpr std::string_view kEnhancedMr = "1.2.840.10008.5.1.4.1.1.4.1", kLegacyMr = "1.2.840.10008.5.1.4.1.1.4.4";
constexpr std::size_t kMostFrames = 200'000;  // of one object; the pre-scan bounds their elements before

const DcmTagKey kPhilipsFrameGroup{0x2005, 0x140F};

// Values of the item that a functional group is; every question about a group that is not there has no answer.
class Group {
 public:
  Group(const DicomValues& all, DcmItem* item) {
    if (item != nullptr) values_.emplace(all.Of(*item));
  }

  [[nodiscard]] const DicomValues* operator->() const { return &*values_; }
  [[nodiscard]] const DicomValues& operator*() const { return *values_; }
  [[nodiscard]] explicit operator bool() const { return values_.has_value(); }

 private:
  std::optional<DicomValues> values_;
};

void TakeText(const Group& group, const DcmTagKey& key, const char* field, std::string& text) {
  if (!group) return;
  if (std::string found = group->Text(key, field); !found.empty()) text = std::move(found);
}

void TakeNumber(const Group& group, const DcmTagKey& key, const char* field, std::optional<double>& number) {
  if (!group) return;
  if (const std::optional<double> found = group->Number(key, field)) number = found;
}

class FrameReader {
 public:
  FrameReader(DcmDataset& data_set, const DicomInstance& whole)
      : whole_(whole), values_(data_set, whole.file), data_set_(data_set) {
    shared_ = FirstItem(&data_set, DCM_SharedFunctionalGroupsSequence);
  }

  [[nodiscard]] DicomInstance Read(DcmItem& item, int number) const {
    DicomInstance slice = whole_;
    slice.frame = number;
    const FunctionalGroups groups(shared_, &item);
    const auto group = [&](const DcmTagKey& sequence) { return Group(values_, groups.Find(sequence)); };
    TakePlace(group(DCM_PlanePositionSequence), group(DCM_PlaneOrientationSequence), slice);
    TakeMeasures(group(DCM_PixelMeasuresSequence), slice);
    if (const Group scaling = group(DCM_PixelValueTransformationSequence)) ReadScaling(*scaling, slice);
    TakeContent(group(DCM_FrameContentSequence), slice);
    TakeType(group(DCM_MRImageFrameTypeSequence), slice);
    TakeContrast(groups, slice);
    TakeConverted(group(DCM_UnassignedSharedConvertedAttributesSequence), slice);
    TakeConverted(group(DCM_UnassignedPerFrameConvertedAttributesSequence), slice);
    const Group philips = group(kPhilipsFrameGroup);
    if (philips && philips->Has(kPhilipsScaleSlope))
      slice.notes.emplace_back("the private Philips scale slope (2005,100E) is ignored");
    return slice;
  }

 private:
  // A place is only taken from the groups: what the top of an enhanced object says of it holds for no frame.
  static void TakePlace(const Group& position, const Group& orientation, DicomInstance& slice) {
    slice.position.reset();
    slice.orientation.reset();
    if (position) slice.position = Exactly<3>(position->Numbers(DCM_ImagePositionPatient, "ImagePositionPatient"));
    if (orientation)
      slice.orientation = Exactly<6>(orientation->Numbers(DCM_ImageOrientationPatient, "ImageOrientationPatient"));
  }

  static void TakeMeasures(const Group& measures, DicomInstance& slice) {
    slice.pixel_spacing.reset();
    if (!measures) return;
    slice.pixel_spacing = Exactly<2>(measures->Numbers(DCM_PixelSpacing, "PixelSpacing"));
    slice.slice_thickness_mm = measures->Number(DCM_SliceThickness, "SliceThickness");
    slice.spacing_between_slices_mm = measures->Number(DCM_SpacingBetweenSlices, "SpacingBetweenSlices");
  }

  static void TakeContent(const Group& content, DicomInstance& slice) {
    if (!content) return;
    const auto number = [&](const DcmTagKey& key) {
      const std::vector<std::uint32_t> values = content->Longs(key);
      return values.empty() ? 0 : values.front();
    };
    TakeText(content, DCM_StackID, "StackID", slice.stack_id);
    slice.in_stack_position = number(DCM_InStackPositionNumber);
    if (const std::uint32_t position = number(DCM_TemporalPositionIndex); position > 0)
      slice.temporal_position = std::to_string(position);
    if (const int acquisition = content->Unsigned(DCM_FrameAcquisitionNumber); acquisition > 0)
      slice.acquisition_number = std::to_string(acquisition);
    slice.dimension_index = content->Longs(DCM_DimensionIndexValues);
  }

  static void TakeType(const Group& type, DicomInstance& slice) {
    if (!type) return;
    if (std::vector<std::string> values = type->Texts(DCM_FrameType, "FrameType"); !values.empty())
      slice.image_type = std::move(values);
    TakeText(type, DCM_ComplexImageComponent, "ComplexImageComponent", slice.complex_component);
  }

  void TakeContrast(const FunctionalGroups& groups, DicomInstance& slice) const {
    const auto group = [&](const DcmTagKey& sequence) { return Group(values_, groups.Find(sequence)); };
    TakeNumber(group(DCM_MREchoSequence), DCM_EffectiveEchoTime, "EffectiveEchoTime", slice.echo_time_ms);
    TakeNumber(group(DCM_MRDiffusionSequence), DCM_DiffusionBValue, "DiffusionBValue", slice.b_value);
    const Group modifier = group(DCM_MRModifierSequence);
    TakeNumber(modifier, DCM_InversionTimes, "InversionTimes", slice.inversion_time_ms);
    TakeText(Group(values_, &data_set_), DCM_PulseSequenceName, "PulseSequenceName", slice.sequence_name);
    if (!slice.scanning_sequence.empty()) return;
    const std::string echo = values_.Text(DCM_EchoPulseSequence, "EchoPulseSequence");
    if (echo == "SPIN" || echo == "BOTH") slice.scanning_sequence.emplace_back("SE");
    if (echo == "GRADIENT" || echo == "BOTH") slice.scanning_sequence.emplace_back("GR");
    if (modifier && modifier->Text(DCM_InversionRecovery, "InversionRecovery") == "YES")
      slice.scanning_sequence.emplace_back("IR");
  }

  // What a converter of classic images found no place for.
  static void TakeConverted(const Group& converted, DicomInstance& slice) {
    if (!converted) return;
    TakeNumber(converted, DCM_EchoTime, "EchoTime", slice.echo_time_ms);
    TakeNumber(converted, DCM_InversionTime, "InversionTime", slice.inversion_time_ms);
    TakeNumber(converted, DCM_DiffusionBValue, "DiffusionBValue", slice.b_value);
    TakeText(converted, DCM_SequenceName, "SequenceName", slice.sequence_name);
    TakeText(converted, DCM_AcquisitionNumber, "AcquisitionNumber", slice.acquisition_number);
    TakeText(converted, DCM_TemporalPositionIdentifier, "TemporalPositionIdentifier", slice.temporal_position);
    TakeText(converted, DCM_MRAcquisitionType, "MRAcquisitionType", slice.acquisition_type);
    if (std::vector<std::string> found = converted->Texts(DCM_ScanningSequence, "ScanningSequence"); !found.empty())
      slice.scanning_sequence = std::move(found);
  }

  const DicomInstance& whole_;
  DicomValues values_;
  DcmDataset& data_set_;
  DcmItem* shared_ = nullptr;
};

}  // namespace

bool IsMultiFrameMr(const std::string& sop_class_uid) {
  return sop_class_uid == kEnhancedMr || sop_class_uid == kLegacyMr;
}

void ReadFrames(DcmDataset& data_set, DicomInstance& whole) {
  const DicomValues values(data_set, whole.file);
  const std::vector<DcmItem*> items = values.Items(DCM_PerFrameFunctionalGroupsSequence);
  if (items.size() != static_cast<std::size_t>(whole.frames) || items.size() > kMostFrames) {
    whole.problem = InputError(
        "UNDECODABLE", whole.file, "PerFrameFunctionalGroupsSequence",
        "describes " + std::to_string(items.size()) + " frames, NumberOfFrames says " + std::to_string(whole.frames));
    return;
  }
  whole.concatenation_uid = values.Text(DCM_ConcatenationUID, "ConcatenationUID");
  whole.concatenation_total = values.Unsigned(DCM_InConcatenationTotalNumber);
  const FrameReader reader(data_set, whole);
  std::vector<DicomInstance> slices;
  slices.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) slices.push_back(reader.Read(*items[i], static_cast<int>(i) + 1));
  whole.slices = std::move(slices);
}

}  // namespace dinsd
