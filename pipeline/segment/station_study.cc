#include "pipeline/segment/station_study.h"

#include <algorithm>
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

}  // namespace

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
  for (const StudyImage* station : StationsOf(image)) {
    on_array.push_back(
        PutOnArray(station->grid, prompts.stations[on_array.size()], manifest, options, station->files.front()));
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
  for (std::size_t s = 0; s < stations.size(); ++s) {
    const auto count = static_cast<double>(stations.size());
    SeenTumour station =
        RunPlan(stations[s], volumes.Of(s).voxels, model, options, [&](const std::string& words, double share) {
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
