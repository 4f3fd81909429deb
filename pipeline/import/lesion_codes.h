#pragma once

#include "pipeline/read/dicom_seg.h"

namespace dinsd {

/// Whether a segment's type code says that it is a lesion as it is measured here: of CID 7159 (Lesion Segmentation
/// Types) lesion, mass, nodule and neoplasm, with their older SNOMED-RT codes; a neurofibroma as dinsd codes it by
/// default. Whatever else CID 7159 has (oedema, necrosis, haemorrhage, cyst, ...) is a finding, and no tumour; organs
/// and tissues have types of other groups.
[[nodiscard]] bool IsLesionType(const SegCode& type);

}  // namespace dinsd
