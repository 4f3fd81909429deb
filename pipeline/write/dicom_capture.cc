#include "pipeline/write/dicom_capture.h"

#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>
#include <dcmtk/dcmdata/dcuid.h>

#include <cmath>
#include <set>
#include <stdexcept>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/input_error.h"
#include "pipeline/write/dicom_item.h"
#include "pipeline/write/dicom_object.h"
#include "pipeline/write/dicom_uid.h"

namespace dinsd {
namespace {

constexpr std::size_t kLongText = 64;  // characters of LO

void PutSeries(const SourceSeries& series, const SegFacts& facts, DcmDataset& data) {
  const std::string uid = facts.key + " " + series.series_uid;
  const auto [date, time] = DateAndTime(facts.created);
  PutText(data, DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
  PutText(data, DCM_SOPInstanceUID, UidOfText("dinsd sc instance " + uid));
  PutText(data, DCM_SeriesInstanceUID, UidOfText("dinsd sc series " + uid));
  PutText(data, DCM_Modality, "OT");
  PutText(data, DCM_ConversionType, "WSD");
  PutText(data, DCM_Laterality, "");
  PutText(data, DCM_SeriesNumber, "9004");
  PutText(data, DCM_SeriesDescription, TitleOf("overview", facts));
  PutText(data, DCM_InstanceNumber, "1");
  for (const DcmTagKey& key : {DCM_SeriesDate, DCM_ContentDate}) PutText(data, key, date);
  for (const DcmTagKey& key : {DCM_SeriesTime, DCM_ContentTime}) PutText(data, key, time);
  PutText(data, DCM_Manufacturer, "dinsd");
  PutText(data, DCM_ManufacturerModelName, "dinsd");
  PutText(data, DCM_SoftwareVersions, TextFor(*series.header, facts.software, kLongText));
}

// The images that the picture was made of, each once.
void PutSources(const std::vector<SourceSeries>& all, DcmDataset& data) {
  std::set<std::string> seen;
  for (const SourceSeries& series : all) {
    for (const SourceSlice& slice : series.slices) {
      if (!seen.insert(slice.sop_instance_uid).second) continue;
      DcmItem& image = AddItem(data, DCM_SourceImageSequence);
      PutText(image, DCM_ReferencedSOPClassUID, slice.sop_class_uid);
      PutText(image, DCM_ReferencedSOPInstanceUID, slice.sop_instance_uid);
    }
  }
}

void PutPixels(const Picture& picture, const SliceView& view, DcmDataset& data) {
  PutText(data, DCM_ImageType, "DERIVED\\SECONDARY");
  PutText(data, DCM_PatientOrientation, view.letters().right + "\\" + view.letters().bottom);
  PutText(data, DCM_DerivationDescription, "maximum-intensity projection with the outlines of lesions");
  PutText(data, DCM_BurnedInAnnotation, "NO");
  PutText(data, DCM_LossyImageCompression, "00");
  PutNumber(data, DCM_SamplesPerPixel, 3);
  PutText(data, DCM_PhotometricInterpretation, "RGB");
  PutNumber(data, DCM_PlanarConfiguration, 0);
  PutNumber(data, DCM_Rows, static_cast<Uint16>(picture.height));
  PutNumber(data, DCM_Columns, static_cast<Uint16>(picture.width));
  const auto micrometres = [](double mm) { return std::to_string(std::lround(mm * 1000)); };
  const Vec3& spacing = view.spacing_mm();
  if (micrometres(spacing.y) != micrometres(spacing.x))
    PutText(data, DCM_PixelAspectRatio, micrometres(spacing.y) + "\\" + micrometres(spacing.x));
  PutNumber(data, DCM_BitsAllocated, 8);
  PutNumber(data, DCM_BitsStored, 8);
  PutNumber(data, DCM_HighBit, 7);
  PutNumber(data, DCM_PixelRepresentation, 0);
  std::vector<std::uint8_t> samples = picture.samples;
  samples.resize((samples.size() + 1) / 2 * 2);
  if (data.putAndInsertUint8Array(DCM_PixelData, samples.data(), samples.size()).bad())
    throw std::runtime_error("DICOM: cannot set PixelData");
}

}  // namespace

std::string PictureToCapture(const Picture& picture, const SliceView& view, const std::vector<SourceSeries>& series,
                             const SegFacts& facts) {
  if (series.empty()) throw std::invalid_argument("PictureToCapture: no series");
  const std::size_t samples = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3;
  if (picture.channels != 3 || samples == 0 || picture.samples.size() != samples)
    throw std::invalid_argument("PictureToCapture: a picture of three channels is wanted");
  DcmDataset data;
  CopyPatientAndStudy(series.front(), data);
  for (const DcmTagKey& key : {DCM_FrameOfReferenceUID, DCM_PositionReferenceIndicator}) delete data.remove(key);
  PutSeries(series.front(), facts, data);
  PutSources(series, data);
  PutPixels(picture, view, data);
  return BytesOfDicomFile(data);
}

Picture PictureOfCapture(std::span<const std::byte> bytes, const std::string& file) {
  const DicomLayout layout = PrescanDicom(bytes, file);
  if (layout.error) throw InputError(*layout.error);
  if (layout.sop_class_uid != UID_SecondaryCaptureImageStorage)
    throw InputError("WRONG_SOP_CLASS", file, "SOPClassUID", "is no Secondary Capture");
  const std::unique_ptr<DcmDataset> data = LoadDataSet(bytes, layout, DicomPart::kWhole, file);
  const DicomValues values(*data, file);
  Picture picture{values.Unsigned(DCM_Columns), values.Unsigned(DCM_Rows), values.Unsigned(DCM_SamplesPerPixel), {}};
  const Uint8* samples = nullptr;
  unsigned long count = 0;
  if (data->findAndGetUint8Array(DCM_PixelData, samples, &count).good())
    picture.samples.assign(samples, samples + count);
  const std::size_t wanted = static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) *
                             static_cast<std::size_t>(picture.channels);
  if (picture.samples.size() != (wanted + 1) / 2 * 2 || values.Unsigned(DCM_BitsAllocated) != 8)
    throw InputError("UNDECODABLE", file, "PixelData", "does not hold the pixels that the header promises");
  picture.samples.resize(wanted);
  return picture;
}

}  // namespace dinsd
