#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dinsd {

/// The coding scheme of what no standard code says.
inline constexpr const char* kOwnCodingScheme = "99DINSD";

/// An object that a number was measured in.
struct SrReference {
  std::string sop_class_uid, sop_instance_uid;
  int segment = 0;  // of a segmentation; 0: none is named

  friend bool operator==(const SrReference&, const SrReference&) = default;
};

/// A number of a measurement group as it stands there.
struct SrNumber {
  std::string concept_code;          // such as 118565006 for Volume
  std::string text;                  // NumericValue
  double value = 0;                  // FloatingPointValue where there is one, else what `text` says
  std::string unit;                  // of UCUM
  std::string derivation;            // the code, such as 255619001 for Total; empty: none
  std::vector<SrReference> sources;  // Source of Measurement, in file order
};

/// A segment that a group names.
struct SrSegment {
  std::string sop_instance_uid;  // of the segmentation
  int number = 0;                // of the segment in it

  friend bool operator==(const SrSegment&, const SrSegment&) = default;
};

/// What a group says in kOwnCodingScheme: a code or a text under a concept.
struct SrWord {
  std::string concept_code;  // such as CHANGECLASS
  std::string code;          // of whatever scheme; empty: it is a text
  std::string text;

  friend bool operator==(const SrWord&, const SrWord&) = default;
};

/// The timepoint that a group is of (TID 1502).
struct SrTimePoint {
  std::string point;     // Time Point: a date YYYY-MM-DD, as we write it
  std::string study_id;  // Subject Time Point Identifier: the Study Instance UID; empty: none
  int order = 0;         // Time Point Order, from 1; 0: none

  friend bool operator==(const SrTimePoint&, const SrTimePoint&) = default;
};

/// One measurement group of a report. Text may hold anything: escape it.
struct SrGroup {
  std::string tracking_id, tracking_uid;
  std::optional<SrTimePoint> time_point;  // nothing: the group names none
  std::string finding, site, laterality;  // codes; empty: none
  std::vector<SrSegment> segments;        // Referenced Segment of the group, or Source of Measurement of its
                                          // numbers but those in kOwnCodingScheme, which may be of another study
  std::vector<SrNumber> numbers;          // in file order, without the Time Point Order
  std::vector<SrWord> words;              // likewise
};

/// What a measurement report says.
struct SrMeasurements {
  std::string study_uid, series_uid, sop_instance_uid;
  std::string completion, verification, preliminary;  // the flags as stored
  std::vector<SrGroup> groups;                        // in file order
};

/// Reads a measurement report (TID 1500) of any of the classes Basic Text, Enhanced, Comprehensive and Comprehensive 3D
/// SR: the containers "Measurement Group" (125007, DCM), wherever they are. Throws InputError that names `file`: those
/// of the pre-scan, WRONG_SOP_CLASS, SR_NUMBER (a number that is none, or has no unit or concept). Thread-safe.
[[nodiscard]] SrMeasurements ReadMeasurements(std::span<const std::byte> bytes, const std::string& file);

}  // namespace dinsd
