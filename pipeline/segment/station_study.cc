#include "pipeline/segment/station_study.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "pipeline/prompt/click_checks.h"
#include "pipeline/read/station_image.h"
#include "pipeline/segment/intensity_check.h"

namespace dinsd {
namespace {

// Nothing to tell apart in a study of one.
std::string OfStation(std::size_t s, std::size_t count) {
  return count == 1 ? "" : " (station " + std::to_string(s + 1) + ")";
}

void AddOnce(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& word : from) {
    if (std::find(to.begin(), to.end(), word) == to.end()) to.push_back(word);
  }
}

void AddSeen(SeenTumour&& station, std::size_t s, std::size_t count, SeenTumour& seen) {
  seen.lesions.resize(station.lesions.size());
  for (std::size_t k = 0; k < station.lesions.size(); ++k) {
    AddOnce(station.lesions[k].flags, seen.lesions[k].flags);
    for (const std::string& warning : station.lesions[k].warnings)
      seen.lesions[k].warnings.push_back(warning + OfStation(s, count));
  }
  for (const std::string& warning : station.warnings) seen.warnings.push_back(warning + OfStation(s, count));
  seen.highest = std::max(seen.highest, station.highest);
}

void Flag(LesionResult& lesion, const char* flag) {
  if (std::find(lesion.flags.begin(), lesion.flags.end(), flag) == lesion.flags.end()) lesion.flags.emplace_back(flag);
}

// Whether a neighbour on the common grid lies in no station.
bool IsAtTheEnd(const StationMap& map, const std::array<std::int64_t, 3>& ijk) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (const std::int64_t step : {-1, 1}) {
      std::array<std::int64_t, 3> next = ijk;
      next[axis] += step;
      const bool is_inside = next[axis] >= 0 && next[axis] < map.grid.size[axis];
      if (is_inside && !map.OwnerOf(next)) return true;
    }
  }
  return false;
}

// Mean and standard deviation of values above 0.
struct Moments {
  double count = 0, sum = 0, squares = 0;

  void Add(double value) {
    if (!(value > 0)) return;
    ++count;
    sum += value;
    squares += value * value;
  }
  [[nodiscard]] double Mean() const { return count > 0 ? sum / count : 0; }
  [[nodiscard]] double Sd() const {
    return count > 0 ? std::sqrt(std::max(0.0, squares / count - Mean() * Mean())) : 0;
  }
};

float At(const StudyVolumes& volumes, std::size_t s, const std::array<std::int64_t, 3>& ijk) {
  const StationBlock& block = volumes.map.stations[s];
  const Size3 size{block.size[2], block.size[1], block.size[0]};
  return volumes.Of(s)
      .voxels[Offset(size, {ijk[2] - block.offset[2], ijk[1] - block.offset[1], ijk[0] - block.offset[0]})];
}

// What station `s` is to be multiplied by so that it is as bright as the one before it where both lie.
double GainToNeighbour(const StudyVolumes& volumes, std::size_t s) {
  const StationBlock& block = volumes.map.stations[s];
  double before = 0, here = 0;
  for (std::int64_t k = 0; k < block.size[2]; ++k) {
    for (std::int64_t j = 0; j < block.size[1]; ++j) {
      for (std::int64_t i = 0; i < block.size[0]; ++i) {
        const std::array<std::int64_t, 3> ijk = {i + block.offset[0], j + block.offset[1], k + block.offset[2]};
        if (!volumes.map.stations[s - 1].Covers(ijk)) continue;
        before += static_cast<double>(At(volumes, s - 1, ijk));
        here += static_cast<double>(At(volumes, s, ijk));
      }
    }
  }
  return before > 0 && here > 0 ? before / here : 1;
}

std::vector<double> Gains(const StudyVolumes& volumes) {
  std::vector<double> gains = {1};
  for (std::size_t s = 1; s < volumes.map.stations.size(); ++s)
    gains.push_back(gains.back() * GainToNeighbour(volumes, s));
  return gains;
}

}  // namespace

std::vector<IntensityScale> StationScales(const StudyVolumes& volumes) {
  std::vector<IntensityScale> scales(volumes.map.stations.size());
  if (scales.size() < 2) return scales;
  const std::vector<double> gains = Gains(volumes);
  Moments whole;
  for (std::size_t at = 0; at < volumes.whole.voxels.size(); ++at) {
    const Index3 v = IndexAt(volumes.map.grid.SizeZyx(), at);
    const std::optional<std::size_t> owner = volumes.map.OwnerOf({v.x, v.y, v.z});
    if (owner) whole.Add(gains[*owner] * static_cast<double>(volumes.whole.voxels[at]));
  }
  for (std::size_t s = 0; s < scales.size(); ++s) {
    Moments own;
    for (const float voxel : volumes.Of(s).voxels) own.Add(static_cast<double>(voxel));
    if (!(whole.Sd() > 0)) continue;
    scales[s] = {gains[s] * own.Sd() / whole.Sd(), (gains[s] * own.Mean() - whole.Mean()) / whole.Sd()};
  }
  return scales;
}

StudyVolumes ReadStudyVolumes(const std::filesystem::path& root, const StudyImage& image,
                              const StudyReadOptions& options) {
  if (image.stations.empty()) {
    Volume volume = ReadStudyImage(root, image, options);
    StationMap map = MapStations({volume.grid}, 0);
    return {std::move(map), std::move(volume), {}};
  }
  StudyVolumes volumes{.map = MapOf(image)};
  CheckStationVoxels(image, volumes.map, options.limits);
  std::vector<std::span<const float>> voxels;
  for (const StudyImage& station : image.stations) volumes.parts.push_back(ReadStudyImage(root, station, options));
  for (const Volume& part : volumes.parts) voxels.emplace_back(part.voxels);
  volumes.whole = {volumes.map.grid, JoinStations(volumes.map, voxels, 0.0F)};
  return volumes;
}

std::vector<std::string> CheckStations(const StudyVolumes& volumes, const StudyImage& image, StationPrompts& prompts) {
  const std::vector<const StudyImage*> stations = StationsOf(image);
  std::vector<std::string> warnings;
  for (std::size_t s = 0; s < stations.size(); ++s) {
    for (const std::string& warning : CheckIntensities(volumes.Of(s), stations[s]->files.front()))
      warnings.push_back(warning + OfStation(s, stations.size()));
    FlagUnlikelyClicks(volumes.Of(s), stations[s]->sequence, prompts.stations[s]);
    for (std::size_t k = 0; k < prompts.whole.lesions.size(); ++k)
      AddOnce(prompts.stations[s].lesions[k].flags, prompts.whole.lesions[k].flags);
  }
  return warnings;
}

std::vector<StudyOnArray> PutStationsOnArray(const StudyImage& image, const StationPrompts& prompts,
                                             const ModelManifest& manifest, const SegmentOptions& options) {
  std::vector<StudyOnArray> on_array;
  SegmentOptions of_station = options;
  std::string reason;
  if (!image.stations.empty() && options.mode == SegmentMode::kAuto) {
    const StudyPlan whole = PutOnArray(image.grid, prompts.whole, manifest, options, image.files.front()).plan;
    if (whole.uses_boxes) of_station.mode = SegmentMode::kBoxes;
    if (whole.uses_boxes) reason = whole.reason;
  }
  for (const StudyImage* station : StationsOf(image)) {
    on_array.push_back(
        PutOnArray(station->grid, prompts.stations[on_array.size()], manifest, of_station, station->files.front()));
    StudyPlan& plan = on_array.back().plan;
    if (plan.has_passes && !reason.empty()) plan.reason = reason;
  }
  return on_array;
}

StudyMode ModeOf(const std::vector<StudyOnArray>& stations) {
  StudyMode mode{.mode = "none"};
  for (std::size_t s = 0; s < stations.size(); ++s) {
    const StudyPlan& plan = stations[s].plan;
    if (mode.mode == "none" || plan.mode == "boxes") mode.mode = plan.mode;
    const std::string which = stations.size() == 1 ? "" : "station " + std::to_string(s + 1) + " " + plan.mode + ": ";
    mode.reason.append(s == 0 ? "" : "; ").append(which).append(plan.reason);
  }
  return mode;
}

SeenTumour RunStations(const std::vector<StudyOnArray>& stations, const StudyVolumes& volumes, LoadedModel& model,
                       const SegmentOptions& options, const OnPass& on_pass) {
  SeenTumour seen;
  std::vector<std::vector<std::uint8_t>> masks;
  const std::vector<IntensityScale> scales = StationScales(volumes);
  for (std::size_t s = 0; s < stations.size(); ++s) {
    StudyOnArray on_array = stations[s];
    on_array.scale = scales.at(s);
    const auto count = static_cast<double>(stations.size());
    SeenTumour station =
        RunPlan(on_array, volumes.Of(s).voxels, model, options, [&](const std::string& words, double share) {
          on_pass(words + OfStation(s, stations.size()), (static_cast<double>(s) + share) / count);
        });
    masks.push_back(std::move(station.mask));
    AddSeen(std::move(station), s, stations.size(), seen);
  }
  if (masks.size() == 1) {
    seen.mask = std::move(masks.front());
    return seen;
  }
  seen.mask = JoinStations<std::uint8_t>(volumes.map, {masks.begin(), masks.end()}, 0);
  return seen;
}

void FlagStations(const StationMap& map, const std::vector<std::uint16_t>& labels, std::vector<LesionResult>& lesions) {
  if (map.stations.size() < 2) return;
  std::vector<std::set<std::size_t>> owners(lesions.size());
  for (std::size_t at = 0; at < labels.size(); ++at) {
    if (labels[at] == 0) continue;
    const Index3 kji = IndexAt(map.grid.SizeZyx(), at);
    const std::array<std::int64_t, 3> ijk = {kji.x, kji.y, kji.z};
    LesionResult& lesion = lesions.at(labels[at] - 1U);
    owners[labels[at] - 1U].insert(map.OwnerOf(ijk).value());
    if (map.IsInOverlap(ijk)) Flag(lesion, "overlap_zone");
    if (IsAtTheEnd(map, ijk)) Flag(lesion, "touches_border");
  }
  for (std::size_t k = 0; k < lesions.size(); ++k) lesions[k].stations.assign(owners[k].begin(), owners[k].end());
}

std::vector<LabelMap> StationMasks(const StudyImage& image, const StationMap& map,
                                   const std::vector<std::uint16_t>& labels) {
  std::vector<LabelMap> masks;
  for (std::size_t s = 0; s < image.stations.size(); ++s)
    masks.push_back({image.stations[s].grid, OwnedPart<std::uint16_t>(map, s, labels, 0)});
  return masks;
}

}  // namespace dinsd
