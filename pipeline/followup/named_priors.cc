#include "pipeline/followup/named_priors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

using nlohmann::json;

// The lesions of one object: their numbers in it, and their labels in the mask of the result.
struct NumberedLesion {
  std::int64_t number = 0;
  std::uint16_t label = 0;
};

std::vector<NumberedLesion> LesionsOfObject(const std::vector<std::byte>& bytes, const std::string& file,
                                            const std::string& sop_class_uid) {
  std::vector<NumberedLesion> lesions;
  if (IsSegClass(sop_class_uid)) {
    for (const SegSegment& segment : ReadDicomSeg(bytes, file).segments)
      lesions.push_back({segment.number, segment.label});
  } else if (IsRtStructClass(sop_class_uid)) {
    for (const RtRoi& roi : ReadRtStruct(bytes, file).rois)
      lesions.push_back({roi.number, static_cast<std::uint16_t>(roi.number)});  // as we write them
  }
  return lesions;
}

// Of the result's own object with that UID; none where it has no such.
std::vector<NumberedLesion> OwnLesions(const std::string& uid, const ResultPlace& place, const ReadLimits& limits) {
  const json result = ReadResultJson(place.result, "result.json");
  for (const auto& [file, facts] : result.at("files").items()) {
    if (!file.ends_with(".dcm")) continue;
    const std::vector<std::byte> bytes = ReadFileBytes(place.result, file, limits.max_file_bytes);
    const DicomLayout layout = PrescanDicom(bytes, file);
    if (layout.sop_instance_uid == uid) return LesionsOfObject(bytes, file, layout.sop_class_uid);
  }
  return {};
}

// Of the object with that UID which the result was imported from.
std::vector<NumberedLesion> ImportedLesions(const std::string& uid, const ResultPlace& place) {
  const json report = ReadResultJson(place.result, "report.json");
  std::vector<NumberedLesion> lesions;
  if (!report.contains("imported")) return lesions;
  const json& imported = report.at("imported");
  const json& rows = imported.at("lesions");
  for (std::size_t n = 0; n < rows.size(); ++n) {
    const json& file = imported.at("files").at(rows.at(n).at("file").get<std::size_t>());
    if (file.at("sop_instance_uid") != uid) continue;
    lesions.push_back({rows.at(n).at("number").get<std::int64_t>(), static_cast<std::uint16_t>(n + 1)});
  }
  return lesions;
}

std::optional<std::uint16_t> Chosen(const std::vector<NumberedLesion>& lesions, const PromptPrior& named) {
  const std::optional<int> number = named.segment_number ? named.segment_number : named.roi_number;
  if (!number) return lesions.size() == 1 ? std::optional(lesions.front().label) : std::nullopt;
  const auto found = std::find_if(lesions.begin(), lesions.end(),
                                  [&](const NumberedLesion& lesion) { return lesion.number == *number; });
  return found == lesions.end() ? std::nullopt : std::optional(found->label);
}

std::array<double, 3> InSpaceOf(const Prompts& prompts, const std::array<double, 3>& lps) {
  switch (prompts.space) {
    case PromptSpace::kLpsMm:
      return lps;
    case PromptSpace::kRasMm:
      return {-lps[0], -lps[1], lps[2]};
    case PromptSpace::kVoxelIjk:
      break;
  }
  return IndexFromLps(prompts.image.grid.value(), lps);  // CheckPrompts: voxels come with their grid
}

const FollowedLesion* WithLabel(const std::vector<FollowedLesion>& lesions, std::uint16_t label) {
  const auto found = std::find_if(lesions.begin(), lesions.end(),
                                  [&](const FollowedLesion& lesion) { return lesion.prior.label == label; });
  return found == lesions.end() ? nullptr : &*found;
}

// What is proposed inside a lesion of the prior; nothing where its place is not imaged.
std::vector<PromptClick> ProposedFor(const Prompts& proposed, const std::string& prior_id, const Prompts& clicks) {
  const auto found = std::find_if(proposed.lesions.begin(), proposed.lesions.end(),
                                  [&](const PromptLesion& lesion) { return lesion.id == prior_id; });
  if (found == proposed.lesions.end()) return {};
  std::vector<PromptClick> taken = found->clicks;
  for (PromptClick& click : taken) click.p = InSpaceOf(clicks, click.p);
  return taken;
}

void Take(const FollowedLesion& prior, const Followed& followed, Prompts& clicks, PromptLesion& lesion) {
  lesion.clicks = ProposedFor(followed.prompts, prior.prior.id, clicks);
  if (lesion.tracking_uid.empty()) lesion.tracking_uid = prior.prior.tracking_uid;
  if (lesion.clicks.empty())
    clicks.warnings.push_back("lesion " + lesion.id + ": the place of its prior does not lie in today's field of view");
}

}  // namespace

std::optional<std::uint16_t> LabelOfPrior(const PromptPrior& named, const ResultPlace& place,
                                          const ReadLimits& limits) {
  try {
    std::vector<NumberedLesion> lesions = OwnLesions(named.sop_instance_uid, place, limits);
    if (lesions.empty()) lesions = ImportedLesions(named.sop_instance_uid, place);
    return Chosen(lesions, named);
  } catch (const json::exception& error) {
    throw InputError("PRIOR_RESULT", "report.json", "", std::string("the result cannot be understood: ") + error.what(),
                     InputVerdict::kNeedsPrompts);
  }
}

PairedPrompts WithNamedPriors(PairedPrompts clicks, const ResultPlace& place, const ReadLimits& limits,
                              Followed& followed) {
  std::vector<FollowedLesion> taken;
  std::set<std::uint16_t> labels;
  for (PromptLesion& lesion : clicks.prompts.lesions) {
    if (!lesion.prior || !lesion.clicks.empty() || lesion.box) continue;
    const std::optional<std::uint16_t> label = LabelOfPrior(*lesion.prior, place, limits);
    const FollowedLesion* prior = label ? WithLabel(followed.follow_up.lesions, *label) : nullptr;
    if (prior == nullptr || !labels.insert(*label).second) continue;
    Take(*prior, followed, clicks.prompts, lesion);
    taken.push_back(*prior);
    taken.back().prior.id = lesion.id;
  }
  followed.follow_up.lesions = std::move(taken);
  return clicks;
}

}  // namespace dinsd
