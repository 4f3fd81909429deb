#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/settings.h"
#include "pipeline/longitudinal/patient_history.h"

namespace dinsd {

/// The published results of one patient. P001 of one circle is not P001 of another.
struct PatientResults {
  std::string patient, issuer;
  std::string circle;                // of patients: the word of the watched folder, else the folder of the studies
  std::vector<ResultOfJob> results;  // by job and revision
};

/// The patients of a results folder by its index, as their newest results name them; those that name nobody are left
/// out. A preliminary result of which a person rejected every click, by the file beside the images, is marked as
/// withdrawn, here and in ResultsOfJobs. `watches` say which folders share their patients; without them each folder is
/// a circle of its own. Throws std::runtime_error where there is no index.
[[nodiscard]] std::vector<PatientResults> PatientsIn(const std::filesystem::path& results,
                                                     const std::vector<WatchSettings>& watches);

/// The results of these jobs. Throws std::runtime_error that names a job that has none, and InputError OTHER_PATIENT
/// where two of them are of two patients, by name, issuer or circle (see PatientsIn).
[[nodiscard]] std::vector<ResultOfJob> ResultsOfJobs(const std::filesystem::path& results,
                                                     const std::vector<std::int64_t>& jobs,
                                                     const std::vector<WatchSettings>& watches);

/// Throws InputError OTHER_PATIENT that names the option and the job where one of these jobs has its newest result of
/// another patient than `--patient`, `--issuer` and `--patients` say; an empty one says nothing.
void CheckWhose(const std::vector<PatientResults>& patients, const std::vector<std::int64_t>& jobs,
                const std::string& patient, const std::string& issuer, const std::string& circle);

/// What else the results folder has of the patient of these jobs, each job by its newest result, as left out for
/// `reason`. By job.
[[nodiscard]] std::vector<LeftOutResult> OtherJobsOf(const std::vector<PatientResults>& patients,
                                                     const std::vector<std::int64_t>& jobs, const std::string& reason);

/// The one patient of that name (and issuer and circle, where they are not empty). Throws std::runtime_error where
/// there is none, or several: whose results they are is never guessed.
[[nodiscard]] PatientResults FindPatient(const std::vector<PatientResults>& patients, const std::string& patient,
                                         const std::string& issuer, const std::string& circle);

}  // namespace dinsd
