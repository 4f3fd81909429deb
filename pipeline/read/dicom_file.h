#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/read_options.h"

namespace dinsd {

/// The header of one DICOM instance, as plain values; text is as stored, without padding, and may hold anything.
struct DicomInstance {
  std::string file;          // relative to the study
  std::string file_sha256;   // lower-case hexadecimal
  std::string pixel_sha256;  // of the value of PixelData as stored; empty without one
  std::string transfer_syntax;

  // Who and what.
  std::string sop_class_uid, sop_instance_uid, study_uid, series_uid, frame_of_reference_uid;
  std::string patient_id, issuer, patient_name;  // the name normalised: upper case, no empty components at its end
  std::string birth_date, study_date;            // as stored, YYYYMMDD
  std::string age;                               // as stored, such as 034Y
  std::optional<double> weight_kg, size_m;

  // How it was made.
  std::string modality, series_description, protocol, sequence_name, acquisition_type, stack_id;
  std::vector<std::string> image_type, scanning_sequence;
  std::optional<double> inversion_time_ms, echo_time_ms, b_value;
  std::string acquisition_number, temporal_position, instance_number;
  std::optional<double> images_in_acquisition;

  // Where it is, LPS mm.
  std::optional<std::array<double, 3>> position;       // ImagePositionPatient
  std::optional<std::array<double, 6>> orientation;    // ImageOrientationPatient: row, column
  std::optional<std::array<double, 2>> pixel_spacing;  // between rows (j), between columns (i)
  std::optional<double> slice_thickness_mm, spacing_between_slices_mm;

  // Its pixels. A size, number of bits or frames that the header lacks or garbles is 0.
  int rows = 0, columns = 0, samples = 0, frames = 1;
  int bits_allocated = 0, bits_stored = 0, high_bit = 0, pixel_representation = 0;
  std::string photometric;
  double rescale_slope = 1, rescale_intercept = 0;
  bool is_lossy = false;  // LossyImageCompression says 01, or the transfer syntax is a lossy one
  std::string lossy_ratio;
  std::vector<std::string> notes;     // what was seen and ignored
  std::optional<InputError> problem;  // the first reason why its pixels cannot be read
};

/// Reads the header of a file that passed the pre-scan (`layout` without error); no pixel is touched but for hashing.
/// Throws InputError: LIMIT_EXCEEDED (a text above 1024 bytes), NOT_DICOM (the data set cannot be parsed), BAD_UID.
[[nodiscard]] DicomInstance ParseDicomInstance(std::span<const std::byte> bytes, const DicomLayout& layout,
                                               const std::string& file);

/// Decodes the pixels of one instance: rows x columns values, column fastest, RescaleSlope and RescaleIntercept applied
/// (DICOM PS3.3 C.11.1.1.2; BitsStored, HighBit and PixelRepresentation as in PS3.5 8.1.1). Throws InputError:
/// UNDECODABLE with the reason, LIMIT_EXCEEDED (more pixels than allowed), and those of the pre-scan. Thread-safe.
[[nodiscard]] std::vector<float> DecodePixels(std::span<const std::byte> bytes, const std::string& file,
                                              const ReadLimits& limits);

}  // namespace dinsd
