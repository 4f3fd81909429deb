#include "pipeline/write/sr_comparison.h"

#include <dcmtk/dcmdata/dcuid.h>

#include <utility>

#include "pipeline/read/dicom_seg.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/write/sr_figures.h"

namespace dinsd {
namespace {

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
  AddFigure(comparison, OwnCode("PRIORVOLUME", "Volume in the prior study"), prior.volume_ml, kVolumeDecimals,
            MillilitreUnit());
  if (comparison.figures.size() > before) comparison.figures.back().sources = prior.objects;
}

void AddVolumeInterval(SrComparison& comparison, const LesionResult& lesion) {
  if (!lesion.interval) return;
  const VolumeInterval& volume = *lesion.interval;
  AddBounds(comparison, "VOLUME", "volume", volume.level, volume.low_ml, volume.high_ml, kVolumeDecimals,
            MillilitreUnit());
}

void AddFigures(SrComparison& comparison, const FollowUpRow& row) {
  if (row.today != nullptr) AddVolumeInterval(comparison, *row.today);
  AddPriorVolume(comparison, row.followed->prior);
  if (row.change.percent) {
    AddFigure(comparison, OwnCode("VOLUMECHANGE", "Change of the volume since the prior study"), *row.change.percent,
              kPercentDecimals, PercentUnit());
  }
  if (row.interval) {
    constexpr double kLevel = 0.95;  // of FollowUpRow::interval
    AddBounds(comparison, "CHANGE", "change", kLevel, row.interval->low, row.interval->high, kPercentDecimals,
              PercentUnit());
  }
}

}  // namespace

SrComparison ComparisonOf(const StudyResult& result, const FollowUpRow& row) {
  SrComparison comparison;
  AddFigures(comparison, row);
  comparison.evaluations.push_back(
      {OwnCode("CHANGECLASS", "Class of the change since the prior study"), CodeOfChange(row.change.change), ""});
  AddWord(comparison, "CHANGEREASON", "Reason of the class of the change", row.change.reason);
  for (const std::string& flag : row.flags)
    AddWord(comparison, "CHANGEFLAG", "Flag of the comparison with the prior study", flag);
  if (result.follow_up) AddWord(comparison, "PRIORDATE", "Date of the prior study", result.follow_up->study_date);
  for (const std::string& object : ObjectsInWords(result, row))
    AddWord(comparison, "PRIOROBJECT", "Object of the prior study", object);
  return comparison;
}

SrComparison WithoutPrior(const LesionResult& lesion) {
  SrComparison comparison;
  AddVolumeInterval(comparison, lesion);
  return comparison;
}

}  // namespace dinsd
