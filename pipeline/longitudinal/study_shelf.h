#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/longitudinal/patient_history.h"

namespace dinsd {

/// The images and masks of a patient's timepoints, read when they are asked for; the last two are kept. Not
/// thread-safe; `timepoints` must outlive it and stay as they are.
class StudyShelf {
 public:
  StudyShelf(const std::vector<PatientTimepoint>& timepoints, StudyReadOptions options)
      : timepoints_(timepoints), options_(std::move(options)), obstacles_(timepoints.size()) {}

  /// Images and mask, the mask on the images' grid; nothing where they cannot be had.
  [[nodiscard]] std::shared_ptr<const MeasuredStudy> Find(std::size_t t);

  /// The same, or where the images are gone the mask alone beside a black image. Throws InputError of ReadLabelFile.
  [[nodiscard]] std::shared_ptr<const MeasuredStudy> FindOrMask(std::size_t t);

  /// Why Find gave nothing, a clause that begins with "images gone"; empty where it did not.
  [[nodiscard]] const std::string& Obstacle(std::size_t t) const { return obstacles_.at(t); }

 private:
  const std::vector<PatientTimepoint>& timepoints_;
  StudyReadOptions options_;
  std::vector<std::string> obstacles_;
  std::list<std::pair<std::size_t, std::shared_ptr<const MeasuredStudy>>> kept_;  // newest first
};

/// Whether the images of a study name the patient of its result by now.
[[nodiscard]] bool NamesPatient(const MeasuredStudy& study, const PatientTimepoint& timepoint);

}  // namespace dinsd
