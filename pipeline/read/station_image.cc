#include "pipeline/read/station_image.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <utility>

namespace dinsd {
namespace {

constexpr double kOnLattice = 0.05;  // of a voxel

std::vector<GridGeometry> GridsOf(const std::vector<StudyImage>& images) {
  std::vector<GridGeometry> grids;
  grids.reserve(images.size());
  for (const StudyImage& image : images) grids.push_back(image.grid);
  return grids;
}

// Two stations may be stacks of one multi-frame file.
void AddFiles(const StudyImage& station, StudyImage& joined) {
  for (std::size_t n = 0; n < station.files.size(); ++n) {
    if (std::count(joined.files.begin(), joined.files.end(), station.files[n]) > 0) continue;
    joined.files.push_back(station.files[n]);
    joined.file_sha256.push_back(station.file_sha256.at(n));
    joined.sop_instance_uids.push_back(station.sop_instance_uids.at(n));
  }
}

// What is true of every station is said once.
void AddNotes(const std::vector<StudyImage>& stations, std::vector<std::string>& notes) {
  for (std::size_t s = 0; s < stations.size(); ++s) {
    for (const std::string& note : stations[s].notes) {
      const bool is_of_all = std::all_of(stations.begin(), stations.end(), [&](const StudyImage& station) {
        return std::count(station.notes.begin(), station.notes.end(), note) > 0;
      });
      const std::string words = is_of_all ? note : note + " (station " + std::to_string(s + 1) + ")";
      if (std::count(notes.begin(), notes.end(), words) == 0) notes.push_back(words);
    }
  }
}

// In the mask of the whole a station is drawn so far from where it lies; its volumes do not change by that.
void NoteMoved(const StationMap& map, std::vector<std::string>& notes) {
  for (std::size_t s = 0; s < map.stations.size(); ++s) {
    double mm = 0;
    bool is_off = false;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      mm = std::hypot(mm, map.stations[s].moved[axis] * map.grid.spacing[axis]);
      is_off = is_off || std::abs(map.stations[s].moved[axis]) > kOnLattice;
    }
    if (!is_off) continue;
    std::array<char, 192> text{};
    std::snprintf(text.data(), text.size(),
                  "station %zu lies between the voxels of the first: where all are drawn together, it is moved by "
                  "%.2f mm",
                  s + 1, mm);
    notes.emplace_back(text.data());
  }
}

StudyImage Join(std::vector<StudyImage> stations) {
  StudyImage joined{.format = stations.front().format,
                    .series_uid = stations.front().series_uid,
                    .frame_of_reference_uid = stations.front().frame_of_reference_uid,
                    .sequence = stations.front().sequence,
                    .description = stations.front().description,
                    .is_chosen = true};
  for (const StudyImage& station : stations) {
    AddFiles(station, joined);
    if (station.series_uid != joined.series_uid) joined.series_uid.clear();
  }
  AddNotes(stations, joined.notes);
  joined.stations = std::move(stations);
  const StationMap map = MapOf(joined);
  joined.grid = map.grid;
  joined.reason = "taken: " + std::to_string(map.stations.size()) + " stations of one examination";
  NoteMoved(map, joined.notes);
  return joined;
}

}  // namespace

std::vector<const StudyImage*> StationsOf(const StudyImage& image) {
  if (image.stations.empty()) return {&image};
  std::vector<const StudyImage*> stations;
  for (const StudyImage& station : image.stations) stations.push_back(&station);
  return stations;
}

StationMap MapOf(const StudyImage& image) {
  return image.stations.empty() ? MapStations({image.grid}, 0) : MapStations(GridsOf(image.stations), 0);
}

void JoinChosenStations(std::vector<StudyImage>& images) {
  const auto is_chosen = [](const StudyImage& image) { return image.is_chosen; };
  if (std::count_if(images.begin(), images.end(), is_chosen) < 2) return;
  const auto first = std::find_if(images.begin(), images.end(), is_chosen) - images.begin();
  std::vector<StudyImage> chosen, stations;
  std::copy_if(images.begin(), images.end(), std::back_inserter(chosen), is_chosen);
  for (const std::size_t s : HeadToFeet(GridsOf(chosen))) stations.push_back(std::move(chosen[s]));
  std::erase_if(images, is_chosen);
  images.insert(images.begin() + first, Join(std::move(stations)));
}

void CheckStationVoxels(const StudyImage& image, const StationMap& map, const ReadLimits& limits) {
  const std::size_t voxels = map.grid.SizeZyx().VoxelCount();
  if (voxels <= limits.max_voxels) return;
  throw InputError(
      "LIMIT_EXCEEDED", image.files.front(), "",
      std::to_string(voxels) + " voxels of all stations, " + std::to_string(limits.max_voxels) + " allowed");
}

Volume ReadStations(const std::filesystem::path& root, const StudyImage& image, const StudyReadOptions& options) {
  const StationMap map = MapOf(image);
  CheckStationVoxels(image, map, options.limits);
  std::vector<Volume> volumes;
  std::vector<std::span<const float>> parts;
  volumes.reserve(image.stations.size());
  for (const StudyImage& station : image.stations) volumes.push_back(ReadStudyImage(root, station, options));
  parts.reserve(volumes.size());
  for (const Volume& volume : volumes) parts.emplace_back(volume.voxels);
  return {map.grid, JoinStations(map, parts, 0.0F)};
}

}  // namespace dinsd
