#include "pipeline/write/check_sr.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pipeline/read/dicom_measurements.h"
#include "pipeline/write/dicom_item.h"
#include "pipeline/write/read_back_error.h"

namespace dinsd {
namespace {

constexpr const char* kTotalDerivation = "255619001";

// A lesion at a timepoint: its tracking UID and the timepoint's order.
using GroupKey = std::pair<std::string, int>;

GroupKey KeyOf(const std::string& tracking_uid, const std::optional<SrTimePoint>& point) {
  return {tracking_uid, point ? point->order : 0};
}

bool IsFigure(const SrFigure& figure, const SrNumber& number) {
  return number.concept_code == figure.what.value && number.text == figure.digits && number.unit == figure.unit.value &&
         number.derivation == (figure.is_total ? kTotalDerivation : "") && number.sources == ReferencesOf(figure);
}

// The first number of a group must be the volume, to the last bit, and its text the nearest that fits; what follows is
// what compares it with the prior, and no other number is there.
void CheckNumbers(const std::string& what, const SrGroup& group, const SrLesion& lesion, const char* derivation,
                  const DicomCodes& codes) {
  std::span<const SrNumber> numbers = group.numbers;
  if (lesion.volume_ml) {
    const double volume_ml = *lesion.volume_ml;
    const bool is_right = !numbers.empty() && numbers[0].concept_code == codes.volume.value &&
                          numbers[0].unit == "mL" && numbers[0].value == volume_ml &&
                          numbers[0].text == DecimalString(volume_ml) && numbers[0].derivation == derivation;
    if (!is_right)
      throw ReadBackError(what + " does not read back with its volume of " + DecimalString(volume_ml) + " mL");
    numbers = numbers.subspan(1);
  }
  const std::vector<SrFigure>& figures = lesion.comparison.figures;
  if (!std::equal(figures.begin(), figures.end(), numbers.begin(), numbers.end(), IsFigure))
    throw ReadBackError(what + " does not read back with its numbers beside the prior study");
}

// Segments of a group are those that it names, and those that numbers of today's study were measured in.
std::vector<SrSegment> SegmentsOf(const SrLesion& lesion) {
  std::vector<SrSegment> segments = lesion.segments;
  for (const SrFigure& figure : lesion.comparison.figures) {
    if (figure.what.scheme == kOwnCodingScheme) continue;
    for (const SrReference& source : ReferencesOf(figure)) {
      if (source.segment > 0) segments.push_back({source.sop_instance_uid, source.segment});
    }
  }
  return segments;
}

void CheckLesion(const std::string& what, const SrGroup& group, const SrLesion& lesion, const SourceSeries& series,
                 const DicomCodes& codes) {
  CheckNumbers(what, group, lesion, "", codes);
  if (group.time_point != lesion.time_point) throw ReadBackError(what + " does not read back with its timepoint");
  if (group.segments != SegmentsOf(lesion)) throw ReadBackError(what + " does not read back with its segments");
  if (group.words != WordsOf(lesion, series)) throw ReadBackError(what + " does not read back with what is said of it");
}

}  // namespace

void CheckSr(std::span<const std::byte> bytes, const std::string& file, const SrContent& content,
             const SourceSeries& series, bool is_preliminary, const DicomCodes& codes) {
  const SrMeasurements read = ReadMeasurements(bytes, file);
  std::map<GroupKey, const SrGroup*> by_key;
  for (const SrGroup& group : read.groups) by_key[KeyOf(group.tracking_uid, group.time_point)] = &group;
  if (read.groups.size() != content.lesions.size() + (content.has_total ? 1 : 0) || by_key.size() != read.groups.size())
    throw ReadBackError(file + " does not read back with every lesion once");
  for (const SrLesion& lesion : content.lesions) {
    const std::string what = file + ": lesion " + lesion.lesion.id;
    const auto found = by_key.find(KeyOf(lesion.lesion.tracking_uid, lesion.time_point));
    if (found == by_key.end()) throw ReadBackError(what + " is missing");
    CheckLesion(what, *found->second, lesion, series, codes);
  }
  if (content.has_total)
    CheckNumbers(file + ": the total", read.groups.back(), SrLesion{.volume_ml = content.total_ml}, kTotalDerivation,
                 codes);
  if (read.preliminary != (is_preliminary ? "PRELIMINARY" : "FINAL"))
    throw ReadBackError(file + " does not read back as preliminary or final");
}

}  // namespace dinsd
