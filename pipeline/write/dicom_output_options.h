#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pipeline/write/dicom_code.h"

namespace dinsd {

/// What the DICOM objects of a result call things.
struct DicomCodes {
  DicomCode category{"49755003", "SCT", "Morphologically Abnormal Structure"};  // of a segment
  DicomCode segment_type{"89084002", "SCT", "Neurofibroma"};                    // likewise: a morphology
  DicomCode finding{"404029005", "SCT", "Neurofibroma"};                        // of a measurement group: a disorder
  DicomCode plexiform{"PLEXIFORM", "99DINSD", "Plexiform neurofibroma"};        // SNOMED CT has no code of its own
  DicomCode discrete{"DISCRETE", "99DINSD", "Discrete neurofibroma"};
  DicomCode procedure{"126022", "DCM", "Multiparametric MRI of whole body"};  // CID 100
  DicomCode volume{"118565006", "SCT", "Volume"};
  DicomCode left{"7771000", "SCT", "Left"};
  DicomCode right{"24028007", "SCT", "Right"};
  DicomCode both_sides{"51440002", "SCT", "Right and left"};

  friend bool operator==(const DicomCodes&, const DicomCodes&) = default;
};

/// A code that is no longer to be used, and the one that stands for it now.
struct ReplacedCode {
  std::string value;  // of the same scheme as `by`
  DicomCode by;

  friend bool operator==(const ReplacedCode&, const ReplacedCode&) = default;
};

/// Which DICOM objects a result of a DICOM study has beside its other files, and what they call things.
struct DicomOutputOptions {
  bool seg = true;                 // the mask as segmentation
  bool sr = true;                  // the measurements as structured report
  bool rtstruct = true;            // the mask as RT Structure Set
  bool secondary_capture = false;  // the report's picture
  std::size_t max_segments = 200;  // of one segmentation; more are divided into bands from head to feet
  DicomCodes codes;
  std::vector<ReplacedCode> replaced_sites = {{"51185008", {"816094009", "SCT", "Chest"}},  // CID 4031, which changed
                                              {"113345001", {"818981001", "SCT", "Abdomen"}},
                                              {"12921003", {"816092008", "SCT", "Pelvis"}}};

  [[nodiscard]] bool HasAny() const { return seg || sr || rtstruct || secondary_capture; }

  /// Throws std::invalid_argument that names the field.
  void Check() const;

  friend bool operator==(const DicomOutputOptions&, const DicomOutputOptions&) = default;
};

/// The members of DicomCodes by the names that configuration and messages know them by.
struct NamedCode {
  const char* name;
  DicomCode DicomCodes::*code;
  const char* about;
};
[[nodiscard]] const std::vector<NamedCode>& CodesByName();

}  // namespace dinsd
