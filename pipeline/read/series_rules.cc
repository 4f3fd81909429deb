#include "pipeline/read/series_rules.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "pipeline/read/series_facts.h"
#include "pipeline/read/word_pattern.h"

namespace dinsd {
namespace {

constexpr std::array<const char*, 4> kOrientations = {"oblique or unknown", "coronal", "axial", "sagittal"};

std::string Joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) {
    if (!text.empty()) text += '/';
    text += value;
  }
  return text;
}

std::string Number(double value) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

// "its ProtocolName "x" is not ...": the value itself may be any text of a header.
std::string Value(const char* field, const std::string& value) {
  std::string words = std::string("its ").append(field).append(" ");
  return value.empty() ? words.append("is not stated") : words.append("is \"").append(value).append("\"");
}

// The conditions in the order in which they are told; the first that fails is the reason.
class Conditions {
 public:
  Conditions(const SeriesRule& rule, const DicomSeries& series)
      : rule_(rule), series_(series), first_(series.instances.front()) {}

  std::string FirstFault() {
    CheckKind();
    CheckNames();
    CheckContrast();
    CheckPlane();
    return fault_;
  }

 private:
  void Need(bool holds, const std::string& fault) {
    if (fault_.empty() && !holds) fault_ = fault;
  }

  void NeedMatch(const std::string& pattern, const char* field, const std::string& value) {
    if (pattern.empty()) return;
    Need(!value.empty() && MatchesWord(pattern, value), Value(field, value) + ", not " + pattern);
  }

  void NeedNoMatch(const std::string& pattern, const char* field, const std::string& value) {
    if (pattern.empty()) return;
    Need(!MatchesWord(pattern, value), Value(field, value) + ", which is left out by " + pattern);
  }

  void NeedRange(double low, double high, double lowest, double highest, const char* field,
                 const std::optional<double>& value) {
    if (low <= lowest && high >= highest) return;
    const std::string range = Number(low) + " to " + Number(high);
    Need(value && *value >= low && *value <= high,
         std::string("its ").append(field) + (value ? " is " + Number(*value) : " is not stated") + ", not " + range);
  }

  void CheckKind() {
    NeedMatch(rule_.modality, "Modality", first_.modality);
    NeedMatch(rule_.sop_class, "SOPClassUID", first_.sop_class_uid);
    const std::string image_type = Joined(first_.image_type);
    NeedNoMatch(rule_.not_image_type, "ImageType", image_type);
    NeedMatch(rule_.image_type, "ImageType", image_type);
    if (rule_.composed == YesOrNo::kYes) Need(IsComposed(first_), "it is not composed of stations");
    if (rule_.composed == YesOrNo::kNo) Need(!IsComposed(first_), "it is composed of stations");
  }

  void CheckNames() {
    NeedNoMatch(rule_.not_description, "SeriesDescription", first_.series_description);
    NeedMatch(rule_.description, "SeriesDescription", first_.series_description);
    NeedNoMatch(rule_.not_protocol, "ProtocolName", first_.protocol);
    NeedMatch(rule_.protocol, "ProtocolName", first_.protocol);
    NeedMatch(rule_.body_part, "BodyPartExamined", first_.body_part);
    if (!rule_.volume.empty()) {
      Need(
          !series_.part.empty() && MatchesWord(rule_.volume, series_.part),
          (series_.part.empty() ? "it is the only volume of its series" : "it is the volume \"" + series_.part + "\"") +
              ", not " + rule_.volume);
    }
  }

  void CheckContrast() {
    NeedMatch(rule_.acquisition_type, "MRAcquisitionType", first_.acquisition_type);
    for (const std::string& wanted : rule_.scanning_sequence) {
      const auto& there = first_.scanning_sequence;
      Need(std::find(there.begin(), there.end(), wanted) != there.end(),
           Value("ScanningSequence", Joined(there)) + ", without " + wanted);
    }
    NeedRange(rule_.min_inversion_time_ms, rule_.max_inversion_time_ms, 0, SeriesRule::kNoLimit, "InversionTime",
              first_.inversion_time_ms);
    if (!rule_.sequence.empty()) {
      Need(!series_.sequence.empty() && MatchesWord(rule_.sequence, series_.sequence),
           (series_.sequence.empty() ? "its sequence is unknown" : "its sequence is " + series_.sequence) + ", not " +
               rule_.sequence);
    }
  }

  void CheckPlane() {
    if (rule_.orientation != SliceOrientation::kAny) {
      const SliceOrientation found = OrientationOfSlices(first_);
      Need(found == rule_.orientation, std::string("it is ") + kOrientations.at(static_cast<std::size_t>(found)) +
                                           ", not " + kOrientations.at(static_cast<std::size_t>(rule_.orientation)));
    }
    NeedRange(rule_.min_slices, rule_.max_slices, 0, SeriesRule::kMostSlices, "number of slices",
              static_cast<double>(series_.instances.size()));
    NeedRange(rule_.min_thickness_mm, rule_.max_thickness_mm, 0, SeriesRule::kNoLimit, "SliceThickness",
              first_.slice_thickness_mm);
  }

  const SeriesRule& rule_;
  const DicomSeries& series_;
  const DicomInstance& first_;
  std::string fault_;
};

}  // namespace

std::string WhyNotMatched(const SeriesRule& rule, const DicomSeries& series) {
  return Conditions(rule, series).FirstFault();
}

std::string WhyNoneMatched(const std::vector<SeriesRule>& rules, std::size_t end, const DicomSeries& series) {
  std::string all;
  for (std::size_t i = 0; i < std::min(end, rules.size()); ++i) {
    const std::string why = WhyNotMatched(rules[i], series);
    if (why.empty()) continue;
    if (!all.empty()) all += "; ";
    all.append("rule \"").append(rules[i].name).append("\": ").append(why);
  }
  return all;
}

}  // namespace dinsd
