#include "pipeline/phantom/dicom_series_writer.h"

#include <dcmtk/config/osconfig.h>
// osconfig.h comes first
#include <dcmtk/dcmdata/dctk.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "pipeline/phantom/phantom_json.h"

namespace dinsd {
namespace {

// The shortest decimal that reads back as the same number.
std::string Decimal(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string Join(std::initializer_list<double> values) {
  std::string joined;
  for (const double v : values) joined.append(joined.empty() ? "" : "\\").append(Decimal(v));
  return joined;
}

std::string CompactDate(const std::string& iso) {
  return iso.substr(0, 4) + iso.substr(5, 2) + iso.substr(8, 2);
}

class Slice {
 public:
  void Text(const DcmTagKey& tag, const std::string& value) {
    if (data().putAndInsertString(tag, value.c_str()).bad()) throw std::runtime_error("DICOM: cannot set an attribute");
  }
  void Number(const DcmTagKey& tag, Uint16 value) {
    if (data().putAndInsertUint16(tag, value).bad()) throw std::runtime_error("DICOM: cannot set an attribute");
  }
  void Pixels(const std::vector<Uint16>& pixels) {
    if (data().putAndInsertUint16Array(DCM_PixelData, pixels.data(), static_cast<unsigned long>(pixels.size())).bad())
      throw std::runtime_error("DICOM: cannot set pixels");
  }
  void Save(const std::filesystem::path& path) {
    if (file_.saveFile(path.c_str(), EXS_LittleEndianExplicit).bad())
      throw std::runtime_error("cannot write " + path.string());
  }

 private:
  DcmDataset& data() { return *file_.getDataset(); }
  DcmFileFormat file_;
};

void AddPatientAndStudy(Slice& slice, const PhantomIdentity& identity) {
  std::array<char, 8> age{};
  std::snprintf(age.data(), age.size(), "%03uY", static_cast<unsigned>(identity.age_years) % 1000U);
  slice.Text(DCM_PatientName, identity.patient + "^");
  slice.Text(DCM_PatientID, identity.patient);
  slice.Text(DCM_PatientBirthDate, "");
  slice.Text(DCM_PatientSex, "");
  slice.Text(DCM_PatientAge, age.data());
  slice.Text(DCM_PatientSize, Decimal(identity.size_m));
  slice.Text(DCM_PatientWeight, Decimal(identity.weight_kg));
  slice.Text(DCM_PatientIdentityRemoved, "YES");
  slice.Text(DCM_DeidentificationMethod, "synthetic, no patient");
  slice.Text(DCM_StudyInstanceUID, identity.study_uid);
  slice.Text(DCM_StudyDate, CompactDate(identity.study_date));
  slice.Text(DCM_StudyTime, "120000");
  slice.Text(DCM_ReferringPhysicianName, "");
  slice.Text(DCM_StudyID, "1");
  slice.Text(DCM_AccessionNumber, "");
  slice.Text(DCM_StudyDescription, "MR WHOLE BODY");
}

void AddSeries(Slice& slice, const PhantomIdentity& identity, const DicomSeriesFacts& facts) {
  slice.Text(DCM_Modality, "MR");
  slice.Text(DCM_SeriesInstanceUID, facts.series_uid);
  slice.Text(DCM_SeriesNumber, std::to_string(facts.series_number));
  slice.Text(DCM_SeriesDate, CompactDate(identity.study_date));
  slice.Text(DCM_SeriesTime, "120000");
  slice.Text(DCM_SeriesDescription, facts.description);
  slice.Text(DCM_ProtocolName, "COR STIR WHOLE BODY");
  slice.Text(DCM_BodyPartExamined, "WHOLEBODY");
  slice.Text(DCM_PatientPosition, "HFS");
  slice.Text(DCM_FrameOfReferenceUID, identity.frame_of_reference_uid);
  slice.Text(DCM_PositionReferenceIndicator, "");
  slice.Text(DCM_Manufacturer, "dinsd phantom");
  slice.Text(DCM_ManufacturerModelName, "phantom");
  slice.Text(DCM_DeviceSerialNumber, "1");
  slice.Text(DCM_SoftwareVersions, DINSD_VERSION);
}

void AddAcquisition(Slice& slice, const PhantomIdentity& identity, const GridGeometry& grid,
                    const DicomSeriesFacts& facts) {
  slice.Text(DCM_ImageType, facts.image_type);
  slice.Text(DCM_AcquisitionNumber, "1");
  slice.Text(DCM_AcquisitionDate, CompactDate(identity.study_date));
  slice.Text(DCM_AcquisitionTime, "120000");
  slice.Text(DCM_ContentDate, CompactDate(identity.study_date));
  slice.Text(DCM_ContentTime, "120000");
  slice.Text(DCM_ScanningSequence, "SE\\IR");
  slice.Text(DCM_SequenceVariant, "SK");
  slice.Text(DCM_ScanOptions, "");
  slice.Text(DCM_MRAcquisitionType, "2D");
  slice.Text(DCM_RepetitionTime, "4190");
  slice.Text(DCM_EchoTime, "111");
  slice.Text(DCM_InversionTime, "150");
  slice.Text(DCM_EchoTrainLength, "15");
  slice.Text(DCM_MagneticFieldStrength, "1.5");
  slice.Text(DCM_SliceThickness, Decimal(grid.spacing[2]));
  slice.Text(DCM_SpacingBetweenSlices, Decimal(grid.spacing[2]));
  slice.Text(DCM_PixelSpacing, Join({grid.spacing[1], grid.spacing[0]}));
}

void AddImage(Slice& slice, const PhantomOptions& options, const Volume& image, const DicomSeriesFacts& facts,
              std::int64_t k) {
  const GridGeometry& grid = image.grid;
  const auto& d = grid.direction;
  const std::array<double, 3> position = LpsFromIndex(grid, {0, 0, static_cast<double>(k)});
  slice.Text(DCM_SOPClassUID, UID_MRImageStorage);
  slice.Text(DCM_SOPInstanceUID, PhantomUid(options, facts.instance_key + "instance " +
                                                         std::to_string(options.timepoint) + " " + std::to_string(k)));
  slice.Text(DCM_InstanceNumber, std::to_string(facts.instances_before + k + 1));
  slice.Text(DCM_ImagePositionPatient, Join({position[0], position[1], position[2]}));
  slice.Text(DCM_ImageOrientationPatient, Join({d[0], d[3], d[6], d[1], d[4], d[7]}));
  slice.Text(DCM_SliceLocation, Decimal(position[1]));
  slice.Number(DCM_SamplesPerPixel, 1);
  slice.Text(DCM_PhotometricInterpretation, "MONOCHROME2");
  slice.Number(DCM_Rows, static_cast<Uint16>(grid.size[1]));
  slice.Number(DCM_Columns, static_cast<Uint16>(grid.size[0]));
  slice.Number(DCM_BitsAllocated, 16);
  slice.Number(DCM_BitsStored, 16);
  slice.Number(DCM_HighBit, 15);
  slice.Number(DCM_PixelRepresentation, 0);
  slice.Text(DCM_RescaleIntercept, "0");
  slice.Text(DCM_RescaleSlope, "1");
  slice.Text(DCM_RescaleType, "US");
  slice.Text(DCM_WindowCenter, "400");
  slice.Text(DCM_WindowWidth, "800");
  const auto pixels = static_cast<std::size_t>(grid.size[0] * grid.size[1]);
  const auto first = image.voxels.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(k) * pixels);
  std::vector<Uint16> values(pixels);
  for (std::size_t p = 0; p < pixels; ++p) values[p] = static_cast<Uint16>(first[static_cast<std::ptrdiff_t>(p)]);
  slice.Pixels(values);
}

}  // namespace

void WriteDicomSeries(const PhantomOptions& options, const Volume& image, const DicomSeriesFacts& facts,
                      const std::filesystem::path& folder) {
  const PhantomIdentity identity = IdentityOf(options);
  for (std::int64_t k = 0; k < image.grid.size[2]; ++k) {
    Slice slice;
    AddPatientAndStudy(slice, identity);
    AddSeries(slice, identity, facts);
    AddAcquisition(slice, identity, image.grid, facts);
    AddImage(slice, options, image, facts, k);
    std::array<char, 24> number{};
    std::snprintf(number.data(), number.size(), "%04u.dcm", static_cast<unsigned>(k + 1) % 10000U);
    slice.Save(folder / (facts.file_prefix + number.data()));
  }
}

}  // namespace dinsd
