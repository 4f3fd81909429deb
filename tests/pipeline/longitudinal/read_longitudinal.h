#pragma once

#include <gtest/gtest.h>

#include <map>
#include <span>
#include <string>
#include <utility>

#include "pipeline/longitudinal/longitudinal_dicom.h"
#include "pipeline/read/dicom_measurements.h"
#include "tests/pipeline/longitudinal/dicom_patient.h"

// The report over all timepoints as a structured report, read back.

namespace dinsd {

inline SrMeasurements Read(const LongitudinalReport& report) {
  return ReadMeasurements(std::as_bytes(std::span(report.dicom.bytes)), kLongitudinalDicom);
}

// By tracking UID and date.
inline std::map<std::pair<std::string, std::string>, SrGroup> GroupsOf(const LongitudinalReport& report) {
  std::map<std::pair<std::string, std::string>, SrGroup> groups;
  for (const SrGroup& group : Read(report).groups) groups[{group.tracking_uid, group.time_point->point}] = group;
  return groups;
}

inline std::string NumberIn(const SrGroup& group, const std::string& name) {
  for (const SrNumber& number : group.numbers) {
    if (number.concept_code == name) return number.text;
  }
  return "";
}

inline std::string WordIn(const SrGroup& group, const std::string& name) {
  std::string all;
  for (const SrWord& word : group.words) {
    if (word.concept_code != name) continue;
    all.append(all.empty() ? "" : " ").append(word.code).append(word.text);
  }
  return all;
}

/// A patient of five timepoints, with DICOM objects.
class LongitudinalDicomTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { patient = new DicomPatient(5); }
  static void TearDownTestSuite() { delete patient; }

  static inline DicomPatient* patient = nullptr;
};

}  // namespace dinsd
