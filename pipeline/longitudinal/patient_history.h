#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/longitudinal/patient_timepoint.h"

namespace dinsd {

/// A published result of some job, as the index of the results folder leads to it.
struct ResultOfJob {
  std::int64_t job = 0, revision = 0;
  std::filesystem::path result;  // results/JOB/rN; need not be there
  std::filesystem::path images;  // the study's folder, or the one of its lone file; need not be there
  std::string name;              // of the study
  std::string study_date{};      // YYYY-MM-DD, as the index has it; may be empty
  std::string withdrawn{};       // why a result that is there counts no more, a clause; empty where it counts
};

/// A result that is in no comparison, and why.
struct LeftOutResult {
  std::int64_t job = 0, revision = 0;
  std::string study_date;  // where it is known
  std::string reason;      // a clause
};

/// All timepoints of one patient.
struct PatientHistory {
  std::string patient, issuer;
  std::vector<PatientTimepoint> timepoints;  // by study date, each date once
  std::vector<LeftOutResult> left_out;       // by job
};

/// The history of a patient from the results of their jobs: of each job the newest revision that is there, whether
/// final or preliminary; older ones are named as superseded by it. Left out, with the reason: what is withdrawn, cannot
/// be read, is no longer as it was published, or says no date; and two jobs with results of one date, since which of
/// them counts is not guessed. Throws InputError OTHER_PATIENT where two results name two patients, or one names none:
/// nothing of two patients is ever set side by side.
[[nodiscard]] PatientHistory ReadPatientHistory(const std::vector<ResultOfJob>& results);

}  // namespace dinsd
