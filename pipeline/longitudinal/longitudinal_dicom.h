#pragma once

#include <filesystem>
#include <string>

#include "pipeline/longitudinal/patient_history.h"
#include "pipeline/read/read_options.h"
#include "pipeline/write/dicom_output_options.h"
#include "pipeline/write/dicom_sr.h"

namespace dinsd {

struct LongitudinalReport;

inline constexpr const char* kLongitudinalDicom = "longitudinal.dcm";

/// The report over all timepoints as a structured report (Enhanced SR, TID 1500), or why there is none.
struct LongitudinalDicom {
  std::string bytes;                            // of the file; empty: there is none
  std::string why_none = "none was asked for";  // a clause; empty where there is one
  SrContent content;                            // what it says, to hold the file against
  SourceSeries study;                           // whose it is: header and UIDs of the newest timepoint, no slice
  bool is_preliminary = false;
  DicomCodes codes;
};

/// The structured report of `report`, in the study of its newest timepoint. Patient and study are copied from an object
/// of that timepoint's own result (its structured report, else any other), which has them from the images: these may be
/// gone. PreliminaryFlag is that of the newest timepoint. All UIDs are made of every byte else: the same report has the
/// same UIDs and bytes, any other report other UIDs. There is none where `options.sr` is off, where that study is no
/// DICOM, its result has no such object, or the file would be larger than a reader takes. Throws ReadBackError,
/// std::runtime_error (MeasurementsToSr).
[[nodiscard]] LongitudinalDicom MakeLongitudinalDicom(const LongitudinalReport& report,
                                                      const DicomOutputOptions& options);

/// What that report says: a group for each lesion and timepoint from its first one on, then one for the total of each
/// timepoint. Numbers have the digits of longitudinal.csv; what is not known is not there. `options` has the codes.
[[nodiscard]] SrContent LongitudinalSrContent(const LongitudinalReport& report, const DicomOutputOptions& options);

/// Sets PriorLesion::objects of all lesions of a history (NameObjects): what their volumes were measured in.
void NameMeasuredObjects(PatientHistory& history, const ReadLimits& limits);

/// Reads longitudinal.dcm of a folder from the disk and holds it against `dicom` (CheckSr), byte by byte too. Throws
/// ReadBackError.
void CheckLongitudinalDicom(const std::filesystem::path& folder, const LongitudinalDicom& dicom);

}  // namespace dinsd
