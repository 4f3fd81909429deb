#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "pipeline/read/input_error.h"

namespace dinsd {

/// Bounds on the structure of one DICOM file.
struct DicomPrescanLimits {
  std::size_t max_nesting = 64;                              // sequences within sequences
  std::uint64_t max_elements = 1'000'000;                    // elements, items, fragments; a frame may take a hundred
  std::uint64_t max_header_bytes = std::uint64_t{64} << 20;  // of all that is not PixelData
  std::uint64_t max_file_bytes = std::uint64_t{1} << 30;     // DCMTK counts some bytes with 32 bits
};

/// Where things are in a DICOM file, as its own bytes say, before any library's parser sees it.
struct DicomLayout {
  std::string transfer_syntax;  // of the file meta; of a bare data set, the uncompressed one that its bytes show
  bool is_explicit = true;
  bool is_big_endian = false;
  std::size_t data_set_offset = 0;
  std::size_t pixel_element_offset = 0;  // of the PixelData element; the end of the file without one
  std::size_t pixel_offset = 0;          // of its value
  std::size_t pixel_bytes = 0;           // of its value: with item headers and delimiter when encapsulated
  bool has_pixels = false;
  bool is_encapsulated = false;
  bool is_directory = false;                                                                   // a DICOMDIR
  std::string sop_class_uid, sop_instance_uid, study_uid, series_uid, frame_of_reference_uid;  // empty = not there
  std::string patient_id, issuer_of_patient_id;  // as stored, without padding, at most 1024 bytes
  std::optional<InputError> error;               // the fields above are those found before it
};

/// Walks through the elements of a DICOM file: Part 10 with or without preamble, or a bare data set whose first element
/// is of group 8 (implicit or explicit VR, little or big endian), without recursion, in time linear in the file and
/// without allocating by what a length says. Never throws for what the bytes hold; the layout's `error` is
/// NOT_DICOM, LENGTH_OVERRUN (a length beyond what holds it, a missing or stray delimiter), NESTING_TOO_DEEP,
/// NONSTANDARD_VR (DICOM PS3.5 6.2; in explicit data sets too), LIMIT_EXCEEDED, BAD_UID (study, series, SOP class or
/// instance or frame of reference not [0-9.]{1,64}; the first four missing; one of them, or the patient's identifier,
/// twice with different values), UNDECODABLE (a deflated data set, which is not accepted).
[[nodiscard]] DicomLayout PrescanDicom(std::span<const std::byte> bytes, const std::string& file,
                                       const DicomPrescanLimits& limits = {});

}  // namespace dinsd
