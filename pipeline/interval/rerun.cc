#include "pipeline/interval/rerun.h"

#include <string>

#include "model/train/counter_random.h"
#include "pipeline/interval/shift_image.h"
#include "pipeline/interval/vary_clicks.h"

namespace dinsd {
namespace {

double SecondsOf(const std::vector<StudyOnArray>& stations) {
  double seconds = 0;
  for (const StudyOnArray& station : stations) seconds += station.plan.cost.cpu_seconds;
  return seconds;
}

SegmentMode ModeOfReruns(const SegmentedStudy& study, const ModelManifest& manifest, SegmentOptions options) {
  if (study.is_boxes) return SegmentMode::kBoxes;
  if (manifest.grid_rule != GridRule::kSpacing) return SegmentMode::kWhole;
  const auto seconds_in = [&](SegmentMode mode) {
    options.mode = mode;
    return SecondsOf(PutStationsOnArray(study.image, study.prompts, manifest, options));
  };
  return seconds_in(SegmentMode::kBoxes) < seconds_in(SegmentMode::kWhole) ? SegmentMode::kBoxes : SegmentMode::kWhole;
}

// The same place of every station, and of the whole, moved by one part of a pixel; slices stay where they are.
StudyVolumes Moved(const StudyVolumes& volumes, const IntervalOptions& options, int run) {
  const std::size_t slices = ChooseAxes(volumes.map.grid, AxisRule::kSliceAxis).source[0];
  CounterRandom random(static_cast<std::uint64_t>(options.seed),
                       (std::uint64_t{1} << 32U) + static_cast<std::uint64_t>(run));
  std::array<double, 3> shift{};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double drawn = random.Uniform(-options.variation.shift, options.variation.shift);
    if (axis != slices) shift[axis] = drawn;
  }
  const auto moved = [&](const Volume& v) -> Volume { return {v.grid, Shifted(v.voxels, v.grid.SizeZyx(), shift)}; };
  StudyVolumes result{volumes.map, moved(volumes.whole), {}};
  for (const Volume& part : volumes.parts) result.parts.push_back(moved(part));
  return result;
}

// Never as in the segmentation itself. An average over all ways is the same whichever way comes first.
unsigned MirroredIn(int run, const SegmentOptions& options) {
  return options.interval.variation.flips && !options.average_flips ? static_cast<unsigned>((run - 1) % 7 + 1) : 0;
}

std::vector<double> VolumesOf(const std::vector<std::uint16_t>& labels, const GridGeometry& grid, std::size_t lesions) {
  std::vector<double> voxels(lesions);
  for (const std::uint16_t label : labels) {
    if (label > 0) ++voxels.at(label - 1U);
  }
  for (double& v : voxels) v *= grid.VoxelVolumeMl();
  return voxels;
}

}  // namespace

std::vector<std::vector<double>> RerunVolumes(const SegmentedStudy& study, LoadedModel& model,
                                              const SegmentOptions& options, const OnPass& on_pass, RerunTime& time) {
  const IntervalOptions& interval = options.interval;
  const std::size_t lesions = study.prompts.whole.lesions.size();
  std::vector<std::vector<double>> volumes(lesions);
  if (interval.runs == 0) return volumes;
  SegmentOptions of_reruns = options;
  of_reruns.mode = ModeOfReruns(study, model.manifest, options);
  const std::vector<InsideVoxels> deep = DeepVoxels(study.mask, lesions);
  const ClickVariation variation{study.prompts,     study.mask,         deep,
                                 study.volumes.map, interval.variation, static_cast<std::uint64_t>(interval.seed)};
  for (int run = 1; run <= interval.runs; ++run) {
    time.BeginRun();
    const StationPrompts prompts = VaryClicks(variation, run);
    std::vector<StudyOnArray> on_array = PutStationsOnArray(study.image, prompts, model.manifest, of_reruns);
    for (StudyOnArray& station : on_array) station.mirrored = MirroredIn(run, options);
    const std::string which = "re-run " + std::to_string(run) + " of " + std::to_string(interval.runs) + ": ";
    const SeenTumour seen = RunStations(on_array, Moved(study.volumes, interval, run), model, of_reruns,
                                        [&](const std::string& words, double share) {
                                          time.Check();
                                          on_pass(which + words, (run - 1 + share) / interval.runs);
                                        });
    const DividedMask divided = DivideMask(seen.mask, study.mask.grid, prompts.whole);
    const std::vector<double> of_run = VolumesOf(divided.labels, study.mask.grid, lesions);
    for (std::size_t k = 0; k < lesions; ++k) volumes[k].push_back(of_run[k]);
  }
  return volumes;
}

}  // namespace dinsd
