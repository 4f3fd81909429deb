#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcpixel.h>
#include <dcmtk/dcmdata/dctag.h>
#include <dcmtk/dcmdata/dcvrat.h>

#include <algorithm>
#include <memory>
#include <set>
#include <stdexcept>

#include "pipeline/write/dicom_seg_parts.h"
#include "pipeline/write/packed_bits.h"

namespace dinsd {
namespace {

void Check(const OFCondition& condition) {
  if (condition.bad()) throw std::runtime_error(std::string("DICOM: cannot set a frame: ") + condition.text());
}

void PutPixelLayout(const SegPart& part, const GridGeometry& grid, DcmItem& data) {
  PutNumber(data, DCM_SamplesPerPixel, 1);
  PutText(data, DCM_PhotometricInterpretation, "MONOCHROME2");
  PutText(data, DCM_NumberOfFrames, std::to_string(part.Frames()));
  PutNumber(data, DCM_Rows, static_cast<Uint16>(grid.size[1]));
  PutNumber(data, DCM_Columns, static_cast<Uint16>(grid.size[0]));
  PutNumber(data, DCM_BitsAllocated, 1);
  PutNumber(data, DCM_BitsStored, 1);
  PutNumber(data, DCM_HighBit, 0);
  PutNumber(data, DCM_PixelRepresentation, 0);
}

void AddDimension(const std::string& uid, const DcmTagKey& pointer, const DcmTagKey& group, const char* label,
                  DcmItem& data) {
  DcmItem& index = AddItem(data, DCM_DimensionIndexSequence);
  PutText(index, DCM_DimensionOrganizationUID, uid);
  Check(index.putAndInsertTagKey(DCM_DimensionIndexPointer, pointer));
  Check(index.putAndInsertTagKey(DCM_FunctionalGroupPointer, group));
  PutText(index, DCM_DimensionDescriptionLabel, label);
}

void PutDimensions(const std::string& uid, DcmItem& data) {
  PutText(AddItem(data, DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID, uid);
  AddDimension(uid, DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, "Segment", data);
  AddDimension(uid, DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Position", data);
}

// Spacing and orientation are those of all slices, as the first writes them.
void PutSharedGroups(const SourceSeries& source, DcmItem& data) {
  DcmItem& shared = AddItem(data, DCM_SharedFunctionalGroupsSequence);
  DcmItem& measures = AddItem(shared, DCM_PixelMeasuresSequence);
  CopyIfThere(*source.header, DCM_PixelSpacing, measures);
  OFString thickness;
  const bool has_thickness =
      source.header->findAndGetOFString(DCM_SliceThickness, thickness).good() && !thickness.empty();
  const std::string spacing = DecimalString(source.grid.spacing[2]);
  if (has_thickness) CopyIfThere(*source.header, DCM_SliceThickness, measures);
  if (!has_thickness) PutText(measures, DCM_SliceThickness, spacing);
  PutText(measures, DCM_SpacingBetweenSlices, spacing);
  PutText(AddItem(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
          source.slices.front().orientation);
}

void AddFrameGroups(std::size_t segment, std::size_t place, const SourceSlice& slice, DcmItem& data) {
  DcmItem& frame = AddItem(data, DCM_PerFrameFunctionalGroupsSequence);
  PutNumber(AddItem(frame, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber,
            static_cast<Uint16>(segment));
  PutText(AddItem(frame, DCM_PlanePositionSequence), DCM_ImagePositionPatient, slice.position);
  const std::array<Uint32, 2> index = {static_cast<Uint32>(segment), static_cast<Uint32>(place)};
  Check(AddItem(frame, DCM_FrameContentSequence)
            .putAndInsertUint32Array(DCM_DimensionIndexValues, index.data(), index.size()));
  DcmItem& derivation = AddItem(frame, DCM_DerivationImageSequence);
  AddCode(derivation, DCM_DerivationCodeSequence, {"113076", "DCM", "Segmentation"});
  DcmItem& image = AddItem(derivation, DCM_SourceImageSequence);
  PutText(image, DCM_ReferencedSOPClassUID, slice.sop_class_uid);
  PutText(image, DCM_ReferencedSOPInstanceUID, slice.sop_instance_uid);
  if (slice.frame > 0) PutText(image, DCM_ReferencedFrameNumber, std::to_string(slice.frame));
  PutText(image, DCM_SpatialLocationsPreserved, "YES");
  AddCode(image, DCM_PurposeOfReferenceCodeSequence, {"121322", "DCM", "Source image for image processing operation"});
}

// Ordinals of the slices that have a frame, from 1 (PS3.3 C.7.6.17: without gaps).
std::vector<std::size_t> PlacesOf(const SegPart& part, std::size_t slices) {
  std::set<std::int64_t> used;
  for (const auto& some : part.slices) used.insert(some.begin(), some.end());
  std::vector<std::size_t> places(slices, 0);
  std::size_t place = 0;
  for (const std::int64_t k : used) places[static_cast<std::size_t>(k)] = ++place;
  return places;
}

void PutPixels(const SegPart& part, const LabelMap& mask, DcmItem& data) {
  const auto plane = static_cast<std::size_t>(mask.grid.size[0] * mask.grid.size[1]);
  PackedBits bits(part.Frames() * plane);
  for (std::size_t n = 0; n < part.lesions.size(); ++n) {
    for (const std::int64_t k : part.slices[n]) {
      const std::uint16_t* pixel = mask.labels.data() + static_cast<std::size_t>(k) * plane;
      for (std::size_t at = 0; at < plane; ++at) bits.Append(pixel[at] == part.lesions[n].label);
    }
  }
  const std::vector<std::uint8_t> bytes = bits.Take();
  auto element = std::make_unique<DcmPixelData>(DcmTag(DCM_PixelData, EVR_OB));
  Check(element->putUint8Array(bytes.data(), static_cast<unsigned long>(bytes.size())));
  Check(data.insert(element.get(), true));
  (void)element.release();  // the data set owns it now
}

}  // namespace

void PutSegFrames(const SegPart& part, const LabelMap& mask, const SourceSeries& source, DcmItem& data) {
  PutPixelLayout(part, mask.grid, data);
  PutDimensions(part.dimension_uid, data);
  PutSharedGroups(source, data);
  const std::vector<std::size_t> places = PlacesOf(part, source.slices.size());
  for (std::size_t n = 0; n < part.lesions.size(); ++n) {
    for (const std::int64_t k : part.slices[n]) {
      const auto slice = static_cast<std::size_t>(k);
      AddFrameGroups(n + 1, places[slice], source.slices[slice], data);
    }
  }
  PutPixels(part, mask, data);
}

}  // namespace dinsd
