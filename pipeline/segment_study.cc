#include "pipeline/segment_study.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "gpu/connected_components.h"
#include "pipeline/followup/follow_prior.h"
#include "pipeline/followup/named_priors.h"
#include "pipeline/followup/proposal_file.h"
#include "pipeline/followup/review.h"
#include "pipeline/interval/how_sure.h"
#include "pipeline/interval/run_again.h"
#include "pipeline/prompt/side_check.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/segment/domain_check.h"
#include "pipeline/segment/measure.h"
#include "pipeline/segment/stage_clock.h"
#include "pipeline/segment/station_study.h"

namespace dinsd {
namespace {

// Shares of the whole, for progress: with a prior, registration is most of the work before the network.
constexpr double kNetworkBegins = 0.05, kFollowedNetworkBegins = 0.85, kNetworkEnds = 0.95;
constexpr double kShareOfReruns = 0.65;  // of the network's time, where a study is run again

StudyResult Begin(const StudyRequest& request, const LoadedModel& model) {
  request.options.Check();
  CheckGuide(model.manifest, model.weights_name, request.options.guide, request.options.sigma.has_value());
  StudyResult result{.study = request.study, .image = ChosenImage(request.study)};
  result.weights_name = model.weights_name;
  result.weights_sha256 = model.weights_sha256;
  result.manifest = model.manifest;
  result.device = model.device;
  result.options = request.options;
  return result;
}

Followed Follow(const StudyRequest& request, const StudyVolumes& volumes, const StageClock& clock,
                const StudyResult& result) {
  return FollowPrior(
      *request.prior, {request.study, result.image, volumes}, request.read, request.registration, request.created,
      [&](const std::string& words, double share) { clock.Tell(words, kFollowedNetworkBegins * share); });
}

// Clicks of a file of which some lesions name an object of the prior.
PairedPrompts NamedPrompts(const StudyRequest& request, const StudyVolumes& volumes, const StageClock& clock,
                           StudyResult& result) {
  NamedClicks named = FollowNamedPriors(*request.prompts, *request.prior, request.read.limits,
                                        [&] { return Follow(request, volumes, clock, result); });
  result.follow_up = std::move(named.follow_up);
  return std::move(named.clicks);
}

// Clicks that the program itself proposes: their file is what the result echoes.
PairedPrompts ProposedPrompts(const StudyRequest& request, const StudyVolumes& volumes, const StageClock& clock,
                              StudyResult& result) {
  Followed followed = Follow(request, volumes, clock, result);
  result.follow_up = std::move(followed.follow_up);
  const std::string text = PromptsToJson(followed.prompts).dump();
  return {std::move(followed.prompts), "", Sha256Hex(std::as_bytes(std::span(text))), {}};
}

// A mask's file has single precision.
void PutOnGrid(LabelMap& mask, const GridGeometry& grid) {
  constexpr double kGridToleranceMm = 0.05;
  if (!IsSameGrid(mask.grid, grid, kGridToleranceMm)) {
    throw InputError("PROPOSAL_RESULT", "prior_mask.nii.gz", "", "does not lie on the grid of today's images",
                     InputVerdict::kNeedsPrompts);
  }
  mask.grid = grid;
}

// Clicks that a person reviewed: held against what was proposed, which the result keeps.
PairedPrompts ReviewedPrompts(const StudyRequest& request, const StudyVolumes& volumes, StudyResult& result) {
  PairedPrompts reviewed = *request.prompts;
  Proposal proposal = ReadProposal(*request.reviewed, request.read.limits);
  result.review = CompleteReview(reviewed.prompts, proposal.prompts, proposal.sha256, reviewed.file);
  result.review->revision = proposal.revision;
  result.follow_up = std::move(proposal.follow_up);
  if (result.follow_up) PutOnGrid(result.follow_up->prior_mask, volumes.whole.grid);
  return reviewed;
}

PairedPrompts PromptsOf(const StudyRequest& request, const StudyVolumes& volumes, StageClock& clock,
                        StudyResult& result) {
  if (request.prompts && request.reviewed) return ReviewedPrompts(request, volumes, result);
  if (request.prompts && request.prior) return NamedPrompts(request, volumes, clock, result);
  if (request.prompts) return *request.prompts;
  if (request.prior) return ProposedPrompts(request, volumes, clock, result);
  const StudyImage& image = result.image;
  std::optional<PairedPrompts> found = FindPrompts(request.root, request.study, request.read.limits);
  if (found) return *std::move(found);
  throw InputError("PROMPTS_MISSING", image.files.empty() ? request.study.name : image.files.front(), "",
                   "no clicks were found for this image", InputVerdict::kNeedsPrompts);
}

// Prompts from which nothing is to be segmented, or nothing can be.
void RefuseUnusable(const StudyResult& result) {
  RefuseRejection(result.prompts.prompts, result.prompts.file);
  RefuseWithoutPriors(result.prompts, result.image.notes);
}

void FlagDomain(StudyResult& result, const AxisMap& axes, const std::string& file) {
  const std::vector<std::string> reasons = OutOfDomain(result.image.sequence, axes, result.manifest);
  if (reasons.empty()) return;
  if (result.options.refuse_out_of_domain) throw InputError("OUT_OF_DOMAIN", file, "sequence", reasons.front());
  result.is_out_of_domain = true;
  for (const std::string& reason : reasons) result.warnings.push_back("out of domain: " + reason);
}

// The network saw slices in training. Of cubes it is a choice which axis those are, and slices are hardly ever thinner
// than their pixels are wide.
void WarnOfSliceAxis(StudyResult& result, const AxisMap& axes, const GridGeometry& grid) {
  if (result.manifest.axis_rule != AxisRule::kSliceAxis) return;
  const Vec3 spacing = axes.SpacingMm();
  if (!HasSliceAxis(grid)) {
    result.warnings.emplace_back("the voxels are cubes: slices were taken from front to back");
  } else if (spacing.z < std::max(spacing.y, spacing.x)) {
    std::array<char, 256> text{};
    std::snprintf(text.data(), text.size(),
                  "slice_axis_doubtful: slices were taken along axis %c, the one whose spacing (%g mm) is unlike the "
                  "others (%g and %g mm), although it is not the largest: is that so?",
                  "ijk"[axes.source[0]], spacing.z, spacing.y, spacing.x);
    result.warnings.emplace_back(text.data());
  }
}

// A sigma that the prompts bring with them, where the weights' guide has none.
void WarnOfSigma(StudyResult& result) {
  const bool has_sigma =
      result.resolved.sigma || std::any_of(result.resolved.lesions.begin(), result.resolved.lesions.end(),
                                           [](const ResolvedLesion& lesion) { return lesion.sigma.has_value(); });
  if (!has_sigma || !GuideRuleOf(result.manifest).IsDistance()) return;
  result.warnings.push_back("the prompts' sigma has no meaning for the weights' guide '" + result.manifest.guide + "'");
}

void AddRemarks(std::vector<LesionRemarks>& to, const std::vector<LesionRemarks>& from) {
  for (std::size_t k = 0; k < to.size(); ++k) {
    to[k].flags.insert(to[k].flags.end(), from[k].flags.begin(), from[k].flags.end());
    to[k].warnings.insert(to[k].warnings.end(), from[k].warnings.begin(), from[k].warnings.end());
  }
}

std::string EmptyReason(const StudyResult& result, const SeenTumour& seen) {
  if (result.mode == "none") return result.mode_reason;
  if (result.unprompted_voxels > 0) {
    return "the network sees tumour in " + std::to_string(result.unprompted_components) +
           " parts, but no positive click lies in one";
  }
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(),
                "the network sees no tumour at these clicks: its largest probability is %.3f, the threshold %.3f",
                static_cast<double>(seen.highest), result.options.threshold);
  return text.data();
}

void TakeMode(const std::vector<StudyOnArray>& on_array, StudyResult& result) {
  const StudyMode mode = ModeOf(on_array);
  result.mode = mode.mode;
  result.mode_reason = mode.reason;
}

void CountUnprompted(StudyResult& result, const std::vector<std::uint8_t>& unprompted) {
  const Components parts = LabelComponents(unprompted, result.mask.grid.SizeZyx(), Connectivity::k26);
  result.unprompted_components = static_cast<int>(parts.sizes.size());
  for (const std::int64_t size : parts.sizes) result.unprompted_voxels += size;
  result.unprompted_ml = static_cast<double>(result.unprompted_voxels) * result.mask.grid.VoxelVolumeMl();
}

void Summarise(StudyResult& result, const SeenTumour& seen, const std::vector<std::string>& warnings) {
  std::int64_t voxels = 0;
  for (const LesionResult& lesion : result.lesions) voxels += lesion.voxels;
  result.total_ml = static_cast<double>(voxels) * result.mask.grid.VoxelVolumeMl();
  if (voxels == 0) result.empty_reason = EmptyReason(result, seen);
  result.is_preliminary = result.resolved.is_preliminary;
  const auto add = [&](const std::vector<std::string>& more) {
    result.warnings.insert(result.warnings.end(), more.begin(), more.end());
  };
  add(result.resolved.warnings);
  add(seen.warnings);
  add(warnings);
}

double NetworkEnds(const StudyResult& result, double network_begins) {
  const double of_reruns = result.options.interval.runs > 0 ? kShareOfReruns : 0;
  return kNetworkEnds - (kNetworkEnds - network_begins) * of_reruns;
}

// From here on the options of the result ask for re-runs only where they are made.
void DecideOnReruns(StudyResult& result) {
  if (result.options.interval.runs == 0) return;
  result.no_reruns = WhyNoReruns(result);
  if (!result.no_reruns.empty()) result.options.interval.runs = 0;
}

// How sure the volumes are; nothing else of the result hangs on it.
void MeasureSurety(const SegmentedStudy& study, LoadedModel& model, RerunTime& time, double begins, StageClock& clock,
                   StudyResult& result) {
  std::vector<std::vector<double>> volumes_ml(result.lesions.size());
  if (result.options.interval.runs > 0) {
    clock.Begin("running again for intervals", begins);
    const auto tell = [&](const std::string& words, double share) {
      clock.Tell(words, begins + (kNetworkEnds - begins) * share);
    };
    volumes_ml = RunAgain(study, model, time, tell, result);
    if (!result.no_reruns.empty()) result.options.interval.runs = 0;
  }
  TellHowSure(volumes_ml, result);
}

}  // namespace

StudyResult SegmentStudy(const StudyRequest& request, LoadedModel& model, const OnStudyProgress& progress) {
  ForgetPeakMemory();
  RerunTime time{RerunTime::Seconds(request.limit_seconds)};
  StudyResult result = Begin(request, model);
  StageClock clock(progress);

  clock.Begin("reading the image", 0);
  StudyVolumes volumes = ReadStudyVolumes(request.root, result.image, request.read);
  const GridGeometry& grid = volumes.map.grid;
  result.mask.grid = grid;  // what a calibration holds for is asked before there is a voxel

  clock.Begin("resolving the clicks", kNetworkBegins / 2);
  result.prompts = PromptsOf(request, volumes, clock, result);
  RefuseUnusable(result);
  StationPrompts prompts =
      ResolveOnStations(result.prompts.prompts, result.image, request.study.identity.study_uid, result.prompts.file);
  result.warnings = CheckStations(volumes, result.image, prompts);
  FlagSideConflicts(volumes.whole, result.prompts.prompts, prompts.whole);
  result.resolved = prompts.whole;
  WarnOfSigma(result);

  const AxisMap by_slices = ChooseAxes(grid, AxisRule::kSliceAxis);
  FlagDomain(result, by_slices, result.image.files.empty() ? request.study.name : result.image.files.front());
  WarnOfSliceAxis(result, by_slices, grid);

  const std::vector<StudyOnArray> on_array = PutStationsOnArray(result.image, prompts, model.manifest, request.options);
  TakeMode(on_array, result);
  DecideOnReruns(result);

  const double network_begins = request.prior ? kFollowedNetworkBegins : kNetworkBegins;
  const double network_ends = NetworkEnds(result, network_begins);
  clock.Begin("network", network_begins);
  time.BeginStudy();
  const SeenTumour seen =
      RunStations(on_array, volumes, model, request.options, [&](const std::string& words, double share) {
        clock.Tell(words, network_begins + (network_ends - network_begins) * share);
      });

  clock.Begin("telling lesions apart", network_ends);
  DividedMask divided = DivideMask(seen.mask, grid, result.resolved);
  AddRemarks(divided.lesions, seen.lesions);

  clock.Begin("measuring", network_ends);
  result.lesions = MeasureLesions(divided, grid, by_slices.source[0], result.resolved, request.options);
  FlagStations(volumes.map, divided.labels, result.lesions);
  result.station_masks = StationMasks(result.image, volumes.map, divided.labels);
  result.mask = {grid, std::move(divided.labels)};
  result.unprompted = {grid, {divided.unprompted.begin(), divided.unprompted.end()}};
  CountUnprompted(result, divided.unprompted);
  Summarise(result, seen, divided.warnings);

  MeasureSurety({result.image, volumes, prompts, result.mask, result.mode == "boxes"}, model, time, network_ends, clock,
                result);
  result.volume = std::move(volumes.whole);
  result.timings = clock.Finish();
  result.peak_memory_gib = PeakMemoryGib();
  return result;
}

}  // namespace dinsd
