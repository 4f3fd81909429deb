#pragma once

#include <dcmtk/dcmdata/dcdatset.h>

#include <string>

#include "pipeline/read/dicom_source.h"

namespace dinsd {

/// Copies what an object of the same study shares with its source series: character set, patient, study, frame of
/// reference. What must be there and is not is left empty. An identifier is copied whatever it is; any other value that
/// breaks the rules of its value representation (a StudyID of 20 characters) is left empty.
void CopyPatientAndStudy(const SourceSeries& series, DcmDataset& object);

/// The bytes of a Part 10 file in implicit VR little endian, where a value may be longer than 64 KiB; the same data set
/// gives the same bytes. Throws std::runtime_error.
[[nodiscard]] std::string BytesOfDicomFile(DcmDataset& object);

}  // namespace dinsd
