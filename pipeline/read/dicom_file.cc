#include "pipeline/read/dicom_file.h"

#include <dcmtk/dcmdata/dcdeftag.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_frames.h"
#include "pipeline/read/dicom_scaling.h"
#include "pipeline/read/dicom_transfer_syntax.h"
#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

// "Doe ^ John^^" and "DOE^JOHN" are one name; what follows '=' are other scripts of it.
std::string NormalName(const std::string& name) {
  std::string normal;
  for (const char c : name.substr(0, name.find('='))) {
    const bool is_space = c == ' ' && (normal.empty() || normal.back() == ' ' || normal.back() == '^');
    if (is_space) continue;
    if (c == '^' && !normal.empty() && normal.back() == ' ') normal.pop_back();
    normal += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  const auto last = normal.find_last_not_of("^ ");
  return last == std::string::npos ? "" : normal.substr(0, last + 1);
}

void ReadPatient(const DicomValues& values, DicomInstance& instance) {
  instance.patient_id = values.Text(DCM_PatientID, "PatientID");
  instance.issuer = values.Text(DCM_IssuerOfPatientID, "IssuerOfPatientID");
  instance.patient_name = NormalName(values.Text(DCM_PatientName, "PatientName"));
  instance.birth_date = values.Text(DCM_PatientBirthDate, "PatientBirthDate");
  instance.study_date = values.Text(DCM_StudyDate, "StudyDate");
  instance.age = values.Text(DCM_PatientAge, "PatientAge");
  instance.weight_kg = values.Number(DCM_PatientWeight, "PatientWeight");
  instance.size_m = values.Number(DCM_PatientSize, "PatientSize");
}

void ReadAcquisition(const DicomValues& values, DicomInstance& instance) {
  instance.modality = values.Text(DCM_Modality, "Modality");
  instance.series_description = values.Text(DCM_SeriesDescription, "SeriesDescription");
  instance.protocol = values.Text(DCM_ProtocolName, "ProtocolName");
  instance.sequence_name = values.Text(DCM_SequenceName, "SequenceName");
  instance.acquisition_type = values.Text(DCM_MRAcquisitionType, "MRAcquisitionType");
  instance.body_part = values.Text(DCM_BodyPartExamined, "BodyPartExamined");
  instance.stack_id = values.Text(DCM_StackID, "StackID");
  instance.image_type = values.Texts(DCM_ImageType, "ImageType");
  instance.scanning_sequence = values.Texts(DCM_ScanningSequence, "ScanningSequence");
  instance.inversion_time_ms = values.Number(DCM_InversionTime, "InversionTime");
  instance.echo_time_ms = values.Number(DCM_EchoTime, "EchoTime");
  instance.b_value = values.Number(DCM_DiffusionBValue, "DiffusionBValue");
  instance.acquisition_number = values.Text(DCM_AcquisitionNumber, "AcquisitionNumber");
  instance.temporal_position = values.Text(DCM_TemporalPositionIdentifier, "TemporalPositionIdentifier");
  instance.instance_number = values.Text(DCM_InstanceNumber, "InstanceNumber");
  instance.images_in_acquisition = values.Number(DCM_ImagesInAcquisition, "ImagesInAcquisition");
  instance.complex_component = values.Text(DCM_ComplexImageComponent, "ComplexImageComponent");
}

void ReadPlace(const DicomValues& values, DicomInstance& instance) {
  instance.position = Exactly<3>(values.Numbers(DCM_ImagePositionPatient, "ImagePositionPatient"));
  instance.orientation = Exactly<6>(values.Numbers(DCM_ImageOrientationPatient, "ImageOrientationPatient"));
  instance.pixel_spacing = Exactly<2>(values.Numbers(DCM_PixelSpacing, "PixelSpacing"));
  instance.slice_thickness_mm = values.Number(DCM_SliceThickness, "SliceThickness");
  instance.spacing_between_slices_mm = values.Number(DCM_SpacingBetweenSlices, "SpacingBetweenSlices");
}

int FramesOf(const DicomValues& values) {
  if (!values.Has(DCM_NumberOfFrames)) return 1;
  const double frames = values.Number(DCM_NumberOfFrames, "NumberOfFrames").value_or(0);
  return frames >= 1 && frames <= 1e9 ? static_cast<int>(frames) : 0;
}

void ReadPixelLayout(const DicomValues& values, DicomInstance& instance) {
  instance.rows = values.Unsigned(DCM_Rows);
  instance.columns = values.Unsigned(DCM_Columns);
  instance.samples = values.Unsigned(DCM_SamplesPerPixel);
  instance.frames = FramesOf(values);
  instance.bits_allocated = values.Unsigned(DCM_BitsAllocated);
  instance.bits_stored = values.Unsigned(DCM_BitsStored);
  instance.high_bit = values.Unsigned(DCM_HighBit);
  instance.pixel_representation = values.Unsigned(DCM_PixelRepresentation);
  instance.photometric = values.Text(DCM_PhotometricInterpretation, "PhotometricInterpretation");
  instance.lossy_ratio = values.Text(DCM_LossyImageCompressionRatio, "LossyImageCompressionRatio");
  instance.is_lossy =
      values.Text(DCM_LossyImageCompression, "LossyImageCompression") == "01" || IsLossy(instance.transfer_syntax);
}

std::optional<InputError> FirstPixelProblem(const DicomInstance& instance, const DicomLayout& layout,
                                            const DicomReadOptions& options) {
  const auto problem = [&](const char* code, const char* field, const std::string& why) {
    return InputError(code, instance.file, field, why);
  };
  if (instance.frames < 1) return problem("UNDECODABLE", "NumberOfFrames", "is 0 or no number");
  if (instance.frames != 1 && !IsMultiFrameMr(instance.sop_class_uid)) {
    return problem("UNDECODABLE", "NumberOfFrames",
                   std::to_string(instance.frames) + " frames in an object that does not say where each of them lies");
  }
  if (!layout.has_pixels) return problem("UNDECODABLE", "PixelData", "is not there");
  if (instance.samples != 1) {
    return problem("NOT_MONOCHROME", "SamplesPerPixel", "is " + std::to_string(instance.samples) + ", 1 expected");
  }
  if (instance.photometric != "MONOCHROME2") {
    return problem("NOT_MONOCHROME", "PhotometricInterpretation", "is not MONOCHROME2");
  }
  if (instance.rows < 1) return problem("UNDECODABLE", "Rows", "is 0 or no number");
  if (instance.columns < 1) return problem("UNDECODABLE", "Columns", "is 0 or no number");
  if (instance.bits_allocated != 8 && instance.bits_allocated != 16) {
    return problem("UNDECODABLE", "BitsAllocated",
                   "is " + std::to_string(instance.bits_allocated) + ", 8 or 16 expected");
  }
  if (instance.high_bit >= instance.bits_allocated || instance.bits_stored < 1 ||
      instance.bits_stored > instance.high_bit + 1) {
    return problem("UNDECODABLE", "BitsStored",
                   std::to_string(instance.bits_stored) + " bits with HighBit " + std::to_string(instance.high_bit) +
                       " do not fit " + std::to_string(instance.bits_allocated));
  }
  if (instance.pixel_representation > 1) return problem("UNDECODABLE", "PixelRepresentation", "is neither 0 nor 1");
  const PixelDecoder decoder = DecoderOf(instance.transfer_syntax);
  if (decoder == PixelDecoder::kNone) {
    return problem("UNDECODABLE", "TransferSyntaxUID",
                   "no decoder for " + TransferSyntaxName(instance.transfer_syntax));
  }
  if (decoder == PixelDecoder::kOpenJpeg && !options.jpeg_2000) {
    return problem("UNDECODABLE", "TransferSyntaxUID",
                   "no decoder for " + TransferSyntaxName(instance.transfer_syntax) +
                       ": the one that is there is off (jpeg_2000 of [read])");
  }
  return std::nullopt;
}

std::string FramesInWords(int frames) {
  return frames == 1 ? "" : std::to_string(frames) + " frames of ";
}

// The stored length of uncompressed pixels is known before they are touched.
std::optional<InputError> LengthProblem(const DicomInstance& instance, const DicomLayout& layout) {
  if (layout.is_encapsulated != IsCompressed(instance.transfer_syntax)) {
    return InputError("UNDECODABLE", instance.file, "PixelData", "is not stored as its transfer syntax says");
  }
  if (layout.is_encapsulated) return std::nullopt;
  const std::size_t expected = static_cast<std::size_t>(instance.frames) * static_cast<std::size_t>(instance.rows) *
                               static_cast<std::size_t>(instance.columns) *
                               static_cast<std::size_t>(instance.bits_allocated / 8);
  if (layout.pixel_bytes == expected || layout.pixel_bytes == expected + expected % 2) return std::nullopt;
  return InputError("UNDECODABLE", instance.file, "PixelData",
                    std::to_string(layout.pixel_bytes) + " bytes, " + FramesInWords(instance.frames) +
                        std::to_string(instance.rows) + " x " + std::to_string(instance.columns) + " pixels need " +
                        std::to_string(expected));
}

}  // namespace

std::string FieldOf(const DicomInstance& instance, const std::string& field) {
  if (instance.frame == 0) return field;
  const std::string frame = "frame " + std::to_string(instance.frame);
  return field.empty() ? frame : field + " of " + frame;
}

std::string NameOf(const DicomInstance& instance) {
  return instance.frame == 0 ? instance.file : "frame " + std::to_string(instance.frame) + " of " + instance.file;
}

DicomInstance ParseDicomInstance(std::span<const std::byte> bytes, const DicomLayout& layout, const std::string& file,
                                 const DicomReadOptions& options) {
  const auto data_set = LoadDataSet(bytes, layout, DicomPart::kHeader, file);
  const DicomValues values(*data_set, file);
  DicomInstance instance;
  instance.file = file;
  instance.file_sha256 = Sha256Hex(bytes);
  if (layout.has_pixels) instance.pixel_sha256 = Sha256Hex(bytes.subspan(layout.pixel_offset, layout.pixel_bytes));
  instance.transfer_syntax = layout.transfer_syntax;
  instance.sop_class_uid = layout.sop_class_uid;
  instance.sop_instance_uid = layout.sop_instance_uid;
  instance.study_uid = layout.study_uid;
  instance.series_uid = layout.series_uid;
  instance.frame_of_reference_uid = layout.frame_of_reference_uid;
  ReadPatient(values, instance);
  ReadAcquisition(values, instance);
  ReadPlace(values, instance);
  ReadPixelLayout(values, instance);
  instance.problem = FirstPixelProblem(instance, layout, options);
  if (!instance.problem) instance.problem = LengthProblem(instance, layout);
  ReadScaling(values, instance);
  if (!instance.problem && IsMultiFrameMr(instance.sop_class_uid)) ReadFrames(*data_set, instance);
  return instance;
}

}  // namespace dinsd
