#include "pipeline/write/sr_comparison.h"

#include <dcmtk/dcmdata/dcuid.h>

#include <cmath>
#include <utility>

#include "pipeline/read/dicom_seg.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/write/dicom_item.h"

namespace dinsd {
namespace {

// The standard has no code for a bound of an interval ("range of lower measurement uncertainty" is a distance), none
// for a volume at another time and none for a change in percent.
DicomCode Own(const std::string& value, const std::string& meaning) {
  return {value, kOwnCodingScheme, meaning};
}

const DicomCode kMillilitre{"mL", "UCUM", "milliliter"};
const DicomCode kPercent{"%", "UCUM", "percent"};

constexpr int kVolumeDecimals = 4, kPercentDecimals = 2;  // of lesions.csv

// A number that is none is left out. DICOM holds 16 characters of a number.
void AddFigure(SrComparison& comparison, const DicomCode& what, double value, int decimals, const DicomCode& unit) {
  constexpr std::size_t kLongest = 16;
  if (!std::isfinite(value)) return;
  const std::string digits = FixedDigits(value, decimals);
  comparison.figures.push_back({what, digits.size() > kLongest ? DecimalString(value) : digits, unit});
}

// Both bounds of an interval of `level` (0.9) of what VOLUME or CHANGE names: VOLUMELOW90, VOLUMEHIGH90.
void AddBounds(SrComparison& comparison, const std::string& name, const std::string& of, double level, double low,
               double high, int decimals, const DicomCode& unit) {
  if (!std::isfinite(low) || !std::isfinite(high)) return;
  const std::string percent = std::to_string(std::lround(100 * level));
  const std::string bound = " bound of the " + percent + " % interval of the " + of;
  AddFigure(comparison, Own(name + "LOW" + percent, "Lower" + bound), low, decimals, unit);
  AddFigure(comparison, Own(name + "HIGH" + percent, "Upper" + bound), high, decimals, unit);
}

// SNOMED CT has codes for what got larger or smaller; those for what stayed or is new speak of mammograms.
DicomCode CodeOf(ChangeClass change) {
  switch (change) {
    case ChangeClass::kIncrease:
      return {"15454001", "SCT", "Increase in size"};
    case ChangeClass::kDecrease:
      return {"19776001", "SCT", "Decrease in size"};
    case ChangeClass::kStable:
      return Own("STABLE", "Stable");
    case ChangeClass::kUncertain:
      return Own("UNCERTAIN", "Uncertain change");
    case ChangeClass::kNew:
      return Own("NEW", "New");
    case ChangeClass::kNotFound:
      return Own("NOT_FOUND", "Not found, though its place is imaged");
    case ChangeClass::kNotImaged:
      return Own("NOT_IMAGED", "Its place is not imaged");
    case ChangeClass::kBelowMeasurable:
      return Own("BELOW_MEASURABLE", "Below measurable size");
  }
  return Own(Word(change), Word(change));
}

// The segmentation or structure set that the clicks of today's lesion name as its prior; empty: none.
std::string NamedObjectOf(const StudyResult& result, const FollowUpRow& row) {
  if (row.today == nullptr) return "";
  const PromptLesion* prompts = PromptsOf(result, static_cast<std::size_t>(row.today - result.lesions.data()));
  if (prompts == nullptr || !prompts->prior) return "";
  std::string text = "SOP Instance UID " + prompts->prior->sop_instance_uid;
  if (prompts->prior->segment_number) text += ", segment " + std::to_string(*prompts->prior->segment_number);
  if (prompts->prior->roi_number) text += ", ROI " + std::to_string(*prompts->prior->roi_number);
  return text;
}

// Objects of the prior in words, one each: what clicks name, else what is no Segmentation Storage, since a reference to
// a structure set or a label map names no part of it.
std::vector<std::string> ObjectsInWords(const StudyResult& result, const FollowUpRow& row) {
  if (std::string named = NamedObjectOf(result, row); !named.empty()) return {std::move(named)};
  std::vector<std::string> parts;
  for (const ObjectPart& object : row.followed->prior.objects) {
    if (object.sop_class_uid == UID_SegmentationStorage) continue;
    const char* const part = IsSegClass(object.sop_class_uid) ? ", segment " : ", ROI ";
    parts.push_back("SOP Instance UID " + object.sop_instance_uid + part + std::to_string(object.number));
  }
  return parts;
}

// What the volume then was measured in goes with its number.
void AddPriorVolume(SrComparison& comparison, const PriorLesion& prior) {
  const std::size_t before = comparison.figures.size();
  AddFigure(comparison, Own("PRIORVOLUME", "Volume in the prior study"), prior.volume_ml, kVolumeDecimals, kMillilitre);
  if (comparison.figures.size() > before) comparison.figures.back().sources = prior.objects;
}

void AddVolumeInterval(SrComparison& comparison, const LesionResult& lesion) {
  if (!lesion.interval) return;
  const VolumeInterval& volume = *lesion.interval;
  AddBounds(comparison, "VOLUME", "volume", volume.level, volume.low_ml, volume.high_ml, kVolumeDecimals, kMillilitre);
}

void AddFigures(SrComparison& comparison, const FollowUpRow& row) {
  if (row.today != nullptr) AddVolumeInterval(comparison, *row.today);
  AddPriorVolume(comparison, row.followed->prior);
  if (row.change.percent) {
    AddFigure(comparison, Own("VOLUMECHANGE", "Change of the volume since the prior study"), *row.change.percent,
              kPercentDecimals, kPercent);
  }
  if (row.interval) {
    constexpr double kLevel = 0.95;  // of FollowUpRow::interval
    AddBounds(comparison, "CHANGE", "change", kLevel, row.interval->low, row.interval->high, kPercentDecimals,
              kPercent);
  }
}

}  // namespace

SrComparison ComparisonOf(const StudyResult& result, const FollowUpRow& row) {
  SrComparison comparison;
  AddFigures(comparison, row);
  const auto add = [&](const char* value, const char* meaning, const std::string& text) {
    if (!text.empty()) comparison.evaluations.push_back({Own(value, meaning), std::nullopt, text});
  };
  comparison.evaluations.push_back(
      {Own("CHANGECLASS", "Class of the change since the prior study"), CodeOf(row.change.change), ""});
  add("CHANGEREASON", "Reason of the class of the change", row.change.reason);
  for (const std::string& flag : row.flags) add("CHANGEFLAG", "Flag of the comparison with the prior study", flag);
  if (result.follow_up) add("PRIORDATE", "Date of the prior study", result.follow_up->study_date);
  for (const std::string& object : ObjectsInWords(result, row)) add("PRIOROBJECT", "Object of the prior study", object);
  return comparison;
}

SrComparison WithoutPrior(const LesionResult& lesion) {
  SrComparison comparison;
  AddVolumeInterval(comparison, lesion);
  return comparison;
}

}  // namespace dinsd
