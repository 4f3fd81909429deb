#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/read_options.h"

namespace dinsd {

/// The header of one DICOM instance, or of one frame of a multi-frame instance, as plain values; text is as stored,
/// without padding, and may hold anything.
struct DicomInstance {
  std::string file;          // relative to the study
  int frame = 0;             // of which frame this is, from 1; 0 = of the instance as a whole
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
  std::string modality, series_description, protocol, sequence_name, acquisition_type, stack_id, body_part;
  std::vector<std::string> image_type, scanning_sequence;
  std::optional<double> inversion_time_ms, echo_time_ms, b_value;
  std::string complex_component;  // MAGNITUDE, PHASE ...; empty where nothing says so
  std::string acquisition_number, temporal_position, instance_number;
  std::optional<double> images_in_acquisition;
  std::vector<std::uint32_t> dimension_index;  // DimensionIndexValues of a frame
  std::uint32_t in_stack_position = 0;         // InStackPositionNumber of a frame, from 1; 0 where it is not there
  std::string concatenation_uid;               // where one multi-frame image is divided into several instances ...
  int concatenation_total = 0;                 // ... and into how many

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

  std::vector<DicomInstance> slices;  // of a multi-frame MR instance: a record per frame, in stored order
};

/// What an error names of an instance: `field`, and the frame that it is of.
[[nodiscard]] std::string FieldOf(const DicomInstance& instance, const std::string& field);

/// How a sentence names an instance: its file, and the frame that it is of.
[[nodiscard]] std::string NameOf(const DicomInstance& instance);

/// Reads the header of a file that passed the pre-scan (`layout` without error), with the frames of a multi-frame MR
/// image; no pixel is touched but for hashing. `options` say which decoders are there. Throws InputError:
/// LIMIT_EXCEEDED (a text above 1024 bytes), NOT_DICOM (the data set cannot be parsed), BAD_UID.
[[nodiscard]] DicomInstance ParseDicomInstance(std::span<const std::byte> bytes, const DicomLayout& layout,
                                               const std::string& file, const DicomReadOptions& options = {});

/// Decodes `frames` (counted from 1; {0} of an image that has none) of one instance: for each of them, in that order,
/// rows x columns values, column fastest, its own RescaleSlope and RescaleIntercept applied (DICOM PS3.3 C.11.1.1.2;
/// BitsStored, HighBit and PixelRepresentation as in PS3.5 8.1.1). Throws InputError: UNDECODABLE with the reason,
/// LIMIT_EXCEEDED (an instance of more pixels than allowed), and those of the pre-scan. Thread-safe.
[[nodiscard]] std::vector<float> DecodePixels(std::span<const std::byte> bytes, const std::string& file,
                                              std::span<const int> frames, const ReadLimits& limits,
                                              const DicomReadOptions& options = {});

}  // namespace dinsd
