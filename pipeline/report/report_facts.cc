#include "pipeline/report/report_facts.h"

#include <algorithm>
#include <array>

#include "pipeline/report/follow_up_rows.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

struct KnownFlag {
  std::string_view name, title, meaning;
};

constexpr std::array<KnownFlag, 32> kKnownFlags = {{
    {"imported", "made by others",
     "The outline was made by others and taken as it is; only its volume was measured here. Volumes by outlines of "
     "another method are not compared as if they were of one."},
    {"proposed_click", "click not verified",
     "A click of the lesion was proposed by a program and has not been verified by a person: the lesion's volume is "
     "preliminary."},
    {"below_measurable", "below measurable",
     "The lesion spans too few slices for its volume to be compared over time: the position of the slices alone can "
     "change it by 20 % or more. The volume is given, but no verdict should be built on it."},
    {"touches_border", "touches the border",
     "The lesion reaches the edge of the imaged volume. The part outside was not imaged, so the volume is a lower "
     "bound."},
    {"shared_component", "shared with another lesion",
     "The network saw one connected piece that holds clicks of two or more lesions. It was divided by distance to the "
     "clicks; the sum of the parts is better known than each part."},
    {"overlap_zone", "where stations overlap",
     "A part of the lesion lies where two stations of the examination overlap. Each voxel there is counted once, in "
     "the "
     "station that owns it; the outline may step at the seam between them, in the middle of the overlap."},
    {"empty", "nothing found",
     "No voxel was left for this lesion, for the reason beside it. The volume is 0 mL; this does not say that there is "
     "no tumour."},
    {"click_outside", "click outside the mask",
     "A positive click of the lesion lies outside the mask that came of it: the network did not follow this click."},
    {"click_held", "click not followed",
     "The network itself answered a click of the lesion otherwise, so its answer was changed round that click. There "
     "the outline comes from the click and the brightness, not from what the network learnt: look at it."},
    {"window_limit", "window too small",
     "The lesion reaches the border of the largest piece of the image that the network was given for it. It may be "
     "larger "
     "than measured."},
    {"clicks_rejected", "clicks rejected", "All clicks of the lesion were rejected by a person, so it stays empty."},
    {"side_conflict", "other side than stated",
     "The lesion's positive clicks lie more than 20 mm on the other side of the body's middle than its laterality "
     "says: "
     "left and right of the clicks file and of the image may be mixed up (RAS taken for LPS), or the laterality is "
     "wrong. Look at where the clicks are."},
    {"CLICK_MOVED", "click moved", "A click lay between slices and was moved to the nearest voxel."},
    {"CLICK_IN_AIR", "click in air",
     "A click lies in one of the darkest parts of the image, where no tissue is expected."},
    {"CLICK_NOT_BRIGHT", "click not bright",
     "A positive click lies on a voxel that is no brighter than its surroundings."},
    {"CLICK_BUDGET", "many clicks",
     "More clicks than the network was trained with in one pass; its answer to so many was never measured."},
    {"not_imaged", "not imaged",
     "The place of the lesion lies outside of today's field of view: nothing is said of it."},
    {"partly_imaged", "partly imaged",
     "A part of the lesion's place lies outside of today's field of view: its volume is a lower bound."},
    {"prior_touches_border", "prior at the border",
     "In the prior the lesion reached the edge of the imaged volume, where a part may be missing: its volume then is a "
     "lower bound, and nothing is said of its change."},
    {"thin", "between the slices",
     "The prior's outline fell between today's slices, and the nearest voxels stand for it."},
    {"prior_empty", "empty in the prior", "The lesion had no voxel in the prior result: it cannot be followed."},
    {"click_not_similar", "images differ here",
     "Round a proposed click the two images do not look alike: the click may lie in another place than the lesion."},
    {"click_changed_side", "side changed",
     "A proposed click lies on the other side of the body's middle than the lesion did."},
    {"may_be_gone", "may be gone",
     "Less than half of the lesion's contrast is left where it lay: it may be gone. Its clicks stay proposed until a "
     "person "
     "has "
     "looked."},
    {"prior_revised", "prior revised",
     "The prior was revised since its clicks were reviewed here, and has this lesion no more: its volume then is the "
     "one "
     "from before."},
    {"prior_superseded", "prior superseded",
     "The clicks name a segment of an earlier revision of the prior. What was followed is the lesion of the same "
     "tracking "
     "UID in its newest revision."},
    {"volume_ratio", "three times or a third",
     "The lesion has more than three times or less than a third of its prior volume: the click may be in another one."},
    {"model_mismatch", "measured otherwise",
     "The prior was measured with other weights, other options or another version of the program, or its outlines were "
     "made by others: a part of the change may come from that. Which of them it is stands above the table of changes."},
    {"reg_no_gain", "registration did not help",
     "The images are hardly more alike after registration than before: the places of all clicks are in doubt."},
    {"reg_folding", "registration folds",
     "Registration squeezed or stretched a part of the body more than bodies do: places near it are in doubt."},
    {"reg_roundtrip", "place not sure",
     "Brought to the other image and back, the lesion comes to another place than it left."},
    {"PROMPT_PRIOR_MISSING", "prior missing", "The prior contour that the prompts name could not be found."},
}};

void AddOnce(std::vector<std::string>& words, const std::string& word) {
  if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

}  // namespace

ReportTotals TotalsOf(const StudyResult& result) {
  ReportTotals totals;
  for (const LesionResult& lesion : result.lesions) {
    ++totals.lesions;
    if (lesion.is_below_measurable) ++totals.below_measurable;
    if (lesion.voxels == 0) continue;
    ++totals.with_voxels;
    if (totals.largest == nullptr || lesion.volume_ml > totals.largest->volume_ml) totals.largest = &lesion;
  }
  return totals;
}

namespace {

// The entry of `entries` that belongs to lesion `index`: in the same place, else by its id.
template <typename Entry>
const Entry* Matching(const std::vector<Entry>& entries, const StudyResult& result, std::size_t index) {
  const std::string& id = result.lesions[index].id;
  if (index < entries.size() && entries[index].id == id) return &entries[index];
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.id == id; });
  return found == entries.end() ? nullptr : &*found;
}

}  // namespace

const PromptLesion* PromptsOf(const StudyResult& result, std::size_t index) {
  return Matching(result.prompts.prompts.lesions, result, index);
}

const ResolvedLesion* ResolvedOf(const StudyResult& result, std::size_t index) {
  return Matching(result.resolved.lesions, result, index);
}

bool IsPreliminary(const StudyResult& result) {
  return result.is_preliminary || result.resolved.is_preliminary;
}

bool HasHistory(const StudyResult& result) {
  return !result.study.identity.patient.empty() && !result.study.identity.study_date.empty();
}

std::vector<std::string> SeriesOfLesion(const StudyResult& result, std::size_t index) {
  if (result.image.stations.empty()) return {result.image.series_uid};
  std::vector<std::string> uids;
  for (const std::size_t s : result.lesions[index].stations) AddOnce(uids, result.image.stations.at(s).series_uid);
  return uids;
}

double SliceSpacingMm(const GridGeometry& grid) {
  return ChooseAxes(grid, AxisRule::kSliceAxis).SpacingMm().z;
}

FlagMeaning MeaningOf(std::string_view flag) {
  const auto* known = std::find_if(kKnownFlags.begin(), kKnownFlags.end(),
                                   [&](const KnownFlag& candidate) { return candidate.name == flag; });
  if (known == kKnownFlags.end()) return {std::string(flag), ""};
  return {std::string(known->title), std::string(known->meaning)};
}

bool HasProposedClick(const ResolvedLesion& lesion) {
  return std::any_of(lesion.clicks.begin(), lesion.clicks.end(),
                     [](const ResolvedClick& click) { return click.status == ClickStatus::kProposed; });
}

std::vector<std::string> FlagsOf(const StudyResult& result, std::size_t index) {
  std::vector<std::string> flags;
  const ResolvedLesion* resolved = ResolvedOf(result, index);
  if (resolved != nullptr && HasProposedClick(*resolved)) flags.emplace_back("proposed_click");
  if (result.lesions[index].is_below_measurable) AddOnce(flags, "below_measurable");
  for (const std::string& flag : result.lesions[index].flags) AddOnce(flags, flag);
  const std::optional<FollowUpRow> row = FollowUpRowOf(result, index);
  if (!row) return flags;
  for (const std::string& flag : row->flags) AddOnce(flags, flag);
  return flags;
}

std::vector<std::string> WarningsOf(const StudyResult& result) {
  std::vector<std::string> warnings;
  for (const std::string& warning : result.warnings) AddOnce(warnings, warning);
  for (const std::string& warning : result.resolved.warnings) AddOnce(warnings, warning);
  return warnings;
}

std::string LateralityWord(std::string_view letter) {
  if (letter == "L") return "left";
  if (letter == "R") return "right";
  if (letter == "B") return "both sides";
  return letter == "U" ? "unpaired" : "";
}

std::string FormatWord(ImageFormat format) {
  switch (format) {
    case ImageFormat::kNifti:
      return "NIfTI";
    case ImageFormat::kNrrd:
      return "NRRD";
    case ImageFormat::kMetaImage:
      return "MetaImage";
    case ImageFormat::kDicomSeries:
      return "DICOM series";
  }
  return "";
}

}  // namespace dinsd
