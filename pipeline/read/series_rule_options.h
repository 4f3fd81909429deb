#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "pipeline/read/word_pattern.h"

namespace dinsd {

enum class SliceOrientation { kAny, kCoronal, kAxial, kSagittal };

enum class YesOrNo { kEither, kYes, kNo };

/// One rule of the choice of a series: a volume matches when all its conditions hold. Patterns are POSIX extended
/// regular expressions (word_pattern.h) that a value matches in whole, in any case of letters; "" = any value, also
/// none. A value that the headers lack matches no other condition. Values are those of the volume's first slice.
struct SeriesRule {
  std::string name;                            // what reasons call it
  std::string modality = "MR";                 // pattern
  std::string sop_class;                       // pattern for SOPClassUID
  std::string description, not_description;    // patterns for SeriesDescription; the second must not match
  std::string protocol, not_protocol;          // likewise for ProtocolName
  std::string sequence;                        // pattern for the word that the headers give: stir, t2fs, t1, t2, dwi
  std::vector<std::string> scanning_sequence;  // all of them are among ScanningSequence, such as IR
  double min_inversion_time_ms = 0;
  double max_inversion_time_ms = kNoLimit;  // a range other than this one needs InversionTime
  std::string acquisition_type;             // pattern for MRAcquisitionType
  std::string image_type, not_image_type;   // patterns for the values of ImageType with '/' between them
  YesOrNo composed = YesOrNo::kEither;      // one image out of several table stations
  SliceOrientation orientation = SliceOrientation::kAny;
  int min_slices = 0;
  int max_slices = kMostSlices;
  double min_thickness_mm = 0;
  double max_thickness_mm = kNoLimit;  // a range other than this one needs SliceThickness
  std::string body_part;               // pattern for BodyPartExamined
  std::string volume;                  // pattern for what tells the volumes of one series apart, as `dins explain` says

  static constexpr double kNoLimit = 100'000;
  static constexpr int kMostSlices = 100'000;

  /// Throws std::invalid_argument that names the field: a name that is empty, or a range that nothing is in.
  void Check() const {
    if (name.empty()) throw std::invalid_argument("name must not be empty");
    if (!(min_inversion_time_ms <= max_inversion_time_ms))
      throw std::invalid_argument("min_inversion_time_ms is above max_inversion_time_ms");
    if (min_slices > max_slices) throw std::invalid_argument("min_slices is above max_slices");
    if (!(min_thickness_mm <= max_thickness_mm))
      throw std::invalid_argument("min_thickness_mm is above max_thickness_mm");
  }

  friend bool operator==(const SeriesRule&, const SeriesRule&) = default;
};

/// The rules of whom nobody gave others: coronal STIR or fat-suppressed T2, a composed one before its stations; no
/// localizer, nothing that was reformatted from another series.
[[nodiscard]] inline std::vector<SeriesRule> DefaultSeriesRules() {
  SeriesRule composed;
  composed.name = "composed coronal STIR or fat-suppressed T2";
  composed.sequence = "stir|t2fs";
  composed.not_description = composed.not_protocol = ".*(locali[sz]er|scout|survey).*";
  composed.not_image_type = ".*localizer.*";
  composed.composed = YesOrNo::kYes;
  composed.orientation = SliceOrientation::kCoronal;
  SeriesRule plain = composed;
  plain.name = "coronal STIR or fat-suppressed T2";
  plain.not_image_type = ".*(localizer|mpr|projection|derived.*secondary|secondary.*derived).*";
  plain.composed = YesOrNo::kNo;
  return {composed, plain};
}

}  // namespace dinsd
