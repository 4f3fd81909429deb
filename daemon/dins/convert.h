#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "pipeline/read/dicom_source.h"
#include "pipeline/read/volume.h"

namespace dinsd {

/// What `dins convert` was told beyond inputs and output.
struct ConvertOptions {
  double threshold = 0.5;                        // of a fractional SEG
  std::uint16_t only_segment = 0;                // of a SEG; 0 = all
  std::vector<std::string> regions;              // of an RT Structure Set, by name; none = all
  bool as_rtstruct = false;                      // a .dcm is written as RT Structure Set, else as SEG
  std::string algorithm_type = "semiautomatic";  // or manual, automatic: how the mask was made
  std::string algorithm = "not stated";          // its name
  std::string created;                           // RFC 3339: when the mask was made
};

/// A mask on the grid of a series, and what its labels are called; a label that is not there has no name.
struct NamedMask {
  LabelMap map;
  std::map<std::uint16_t, std::string> names;
};

/// The name of a label, or "Lesion LABEL".
[[nodiscard]] std::string NameOfLabel(const NamedMask& mask, std::uint16_t label);

/// What objects made of a mask are known by: equal inputs, equal key.
[[nodiscard]] std::string KeyOf(const NamedMask& mask, const ConvertOptions& options);

// One reader and one writer for each kind of DICOM object, in the file that is named after it (convert_seg.cc, ...).
// They throw InputError that names the file and, for what goes wrong on our side, std::runtime_error.

/// Reads a DICOM SEG as a mask on the grid of the series.
[[nodiscard]] NamedMask MaskOfSeg(std::span<const std::byte> bytes, const std::string& file, const SourceSeries& series,
                                  const ConvertOptions& options);

/// Writes a mask as DICOM SEG into `folder`: STEM.dcm, or several where it has many labels. Prints what was written
/// and gives the names of the files.
std::vector<std::string> WriteSegOf(const NamedMask& mask, const SourceSeries& series, const ConvertOptions& options,
                                    const std::filesystem::path& folder, const std::string& stem);

/// Reads an RT Structure Set as a mask on the grid of the series; prints what was unusual about it.
[[nodiscard]] NamedMask MaskOfRtStruct(std::span<const std::byte> bytes, const std::string& file,
                                       const SourceSeries& series, const ConvertOptions& options);

/// The same as an RT Structure Set: STEM.dcm. No file where the mask is empty.
std::vector<std::string> WriteRtStructOf(const NamedMask& mask, const SourceSeries& series,
                                         const ConvertOptions& options, const std::filesystem::path& folder,
                                         const std::string& stem);

}  // namespace dinsd
