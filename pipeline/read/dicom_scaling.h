#pragma once

#include "pipeline/read/dicom_data_set.h"
#include "pipeline/read/dicom_file.h"

namespace dinsd {

inline const DcmTagKey kPhilipsScaleSlope{0x2005, 0x100E};

/// Takes RescaleSlope and RescaleIntercept out of a data set, or of a frame's functional group, into `instance`; what
/// cannot be applied becomes its problem (UNDECODABLE), what is ignored a note.
void ReadScaling(const DicomValues& values, DicomInstance& instance);

}  // namespace dinsd
