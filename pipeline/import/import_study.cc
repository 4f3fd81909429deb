#include "pipeline/import/import_study.h"

#include <utility>

#include "gpu/connected_components.h"
#include "pipeline/followup/lesion_surroundings.h"
#include "pipeline/followup/prior_check.h"
#include "pipeline/import/find_mask.h"
#include "pipeline/interval/how_sure.h"
#include "pipeline/segment/axes.h"
#include "pipeline/segment/measure.h"
#include "pipeline/segment/stage_clock.h"
#include "pipeline/segment/station_study.h"

namespace dinsd {
namespace {

FoundMask QueuedMask(const ImportRequest& request) {
  FoundMask found = FindMask(request.root, request.study, request.import, request.read.limits);
  if (found.mask && found.mask->sha256 == request.mask_sha256) return found;
  throw InputError("INPUT_CHANGED", found.mask ? found.mask->files.front().file : "", "",
                   "the mask is not the one that was queued");
}

// Who the lesions are; nobody clicked.
void NameLesions(const ImportedMask& mask, StudyResult& result) {
  Prompts& prompts = result.prompts.prompts;
  for (const ImportedLesion& lesion : mask.lesions) {
    PromptLesion named;
    named.id = lesion.id;
    named.tracking_uid = lesion.tracking_uid;
    named.laterality = lesion.laterality;
    named.site = lesion.site;
    prompts.lesions.push_back(std::move(named));
    result.resolved.lesions.push_back({.id = lesion.id});
  }
  prompts.image.study_uid = result.study.identity.study_uid;
  prompts.image.series_uid = result.image.series_uid;
  if (result.image.series_uid.empty()) prompts.image.sha256 = result.image.file_sha256.at(0);
  prompts.provenance.source = "imported";
  prompts.provenance.imported_from = mask.sha256;
}

// Into how many pieces that do not touch, by a corner either, the lesion of `label` falls.
std::size_t PartsOf(const LabelMap& mask, std::uint16_t label, const LesionBox& box) {
  const Size3 size = {box.high[2] - box.low[2], box.high[1] - box.low[1], box.high[0] - box.low[0]};
  std::vector<std::uint8_t> inside(size.VoxelCount());
  for (std::size_t at = 0; at < inside.size(); ++at) {
    const Index3 v = IndexAt(size, at);
    const Index3 in_mask = {v.z + box.low[2], v.y + box.low[1], v.x + box.low[0]};
    inside[at] = mask.labels[Offset(mask.grid.SizeZyx(), in_mask)] == label ? 1 : 0;
  }
  return LabelComponents(inside, size, Connectivity::k26).sizes.size();
}

// Whoever drew a lesion in pieces may have meant one, or several.
void WarnOfParts(const LabelMap& mask, std::vector<LesionRemarks>& lesions) {
  for (const auto& [label, box] : BoxesOf(mask)) {
    const std::size_t parts = PartsOf(mask, label, box);
    if (parts > 1)
      lesions.at(label - 1U).warnings.push_back(std::to_string(parts) + " separate parts: is it one lesion?");
  }
}

void Measure(const FoundMask& found, StudyResult& result) {
  DividedMask divided;
  divided.labels = found.labels.labels;
  divided.unprompted.assign(divided.labels.size(), 0);
  divided.lesions.resize(found.mask->lesions.size());
  for (LesionRemarks& remarks : divided.lesions) remarks.flags.emplace_back("imported");
  WarnOfParts(found.labels, divided.lesions);
  const GridGeometry& grid = result.volume.grid;
  const std::size_t slice_axis = ChooseAxes(grid, AxisRule::kSliceAxis).source[0];
  result.lesions = MeasureLesions(divided, grid, slice_axis, result.resolved, result.options);
  for (const LesionResult& lesion : result.lesions) result.total_ml += lesion.volume_ml;
  result.mask = {grid, std::move(divided.labels)};
  for (const PriorFinding& finding : CheckMaskFits(result.volume, result.mask).findings)
    result.warnings.push_back(finding.name + ": " + finding.sentence + ": does this mask belong to these images?");
  result.unprompted = {grid, std::vector<std::uint16_t>(result.mask.labels.size())};
}

}  // namespace

StudyResult ImportStudy(const ImportRequest& request, const OnStudyProgress& progress) {
  ForgetPeakMemory();
  StageClock clock(progress);
  StudyResult result{.study = request.study, .image = ChosenImage(request.study)};
  result.options.measurable_slices = request.options.measurable_slices;
  result.options.Check();
  result.mode = "imported";
  result.mode_reason = "the mask was made by others and no network ran";

  clock.Begin("reading the image", 0);
  result.volume = ReadStudyImage(request.root, result.image, request.read);
  clock.Begin("reading the mask", 0.4);
  FoundMask found = QueuedMask(request);
  result.prompts.others = found.not_taken;
  result.warnings = found.mask->notes;
  NameLesions(*found.mask, result);
  clock.Begin("measuring", 0.8);
  Measure(found, result);
  result.imported = std::move(found.mask);
  TellHowSure(std::vector<std::vector<double>>(result.lesions.size()), result);
  result.prompts.prompts.provenance.created = request.created;
  result.timings = clock.Finish();
  result.peak_memory_gib = PeakMemoryGib();
  return result;
}

}  // namespace dinsd
