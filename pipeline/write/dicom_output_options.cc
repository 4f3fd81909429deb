#include "pipeline/write/dicom_output_options.h"

#include <stdexcept>

namespace dinsd {

const std::vector<NamedCode>& CodesByName() {
  static const std::vector<NamedCode> kNames = {
      {"category", &DicomCodes::category, "What every segment is."},
      {"segment_type", &DicomCodes::segment_type, "What a segment shows, as a morphology."},
      {"finding", &DicomCodes::finding, "What was measured, as a disorder."},
      {"plexiform", &DicomCodes::plexiform, "Of a lesion whose clicks call it plexiform."},
      {"discrete", &DicomCodes::discrete, "Of a lesion whose clicks call it discrete."},
      {"procedure", &DicomCodes::procedure, "The imaging procedure that is reported (CID 100)."},
      {"volume", &DicomCodes::volume, "What is measured."},
      {"left", &DicomCodes::left, "Laterality."},
      {"right", &DicomCodes::right, "Laterality."},
      {"both_sides", &DicomCodes::both_sides, "Laterality."}};
  return kNames;
}

void DicomOutputOptions::Check() const {
  if (max_segments < 1 || max_segments > 65535)
    throw std::invalid_argument("max_segments must lie between 1 and 65535");
  for (const NamedCode& named : CodesByName()) {
    if (!IsHoldable(codes.*named.code)) {
      throw std::invalid_argument(std::string(named.name) +
                                  " is no code that DICOM can hold: 1 to 16 characters of "
                                  "value and scheme, 1 to 64 of meaning");
    }
  }
  for (const ReplacedCode& replaced : replaced_sites) {
    if (!IsHoldable(replaced.by) || !IsHoldable({replaced.value, replaced.by.scheme, replaced.by.meaning}))
      throw std::invalid_argument("replaced_sites holds what is no code that DICOM can hold");
  }
}

}  // namespace dinsd
