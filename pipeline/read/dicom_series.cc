#include "pipeline/read/dicom_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <set>

#include "pipeline/read/dicom_geometry.h"

namespace dinsd {
namespace {

using Slices = std::vector<DicomInstance>;

constexpr std::string_view kMrClass = "1.2.840.10008.5.1.4.1.1.4";  // and .1 to .4 below it

// One attribute that tells volumes of a series apart.
struct Key {
  const char* name;
  std::string (*value)(const DicomInstance&);
};

void AppendTo(std::string& text, const char* separator, const std::string& more) {
  if (!text.empty()) text += separator;
  text += more;
}

std::string Number(const std::optional<double>& value) {
  if (!value) return "";
  std::array<char, 40> text{};
  (void)std::snprintf(text.data(), text.size(), "%.4f", *value);
  return text.data();
}

std::string FurtherImageType(const DicomInstance& slice) {
  std::string text;
  for (std::size_t i = 2; i < slice.image_type.size(); ++i) AppendTo(text, "/", slice.image_type[i]);
  return text;
}

std::string Orientation(const DicomInstance& slice) {
  std::string text;
  for (const double v : *slice.orientation) AppendTo(text, "/", Number(v));
  return text;
}

// Slices that differ in one of these are never one volume.
constexpr std::array<Key, 8> kAlways = {{
    {"frame of reference", [](const DicomInstance& s) { return s.frame_of_reference_uid; }},
    {"rows", [](const DicomInstance& s) { return std::to_string(s.rows); }},
    {"columns", [](const DicomInstance& s) { return std::to_string(s.columns); }},
    {"row spacing", [](const DicomInstance& s) { return Number((*s.pixel_spacing)[0]); }},
    {"column spacing", [](const DicomInstance& s) { return Number((*s.pixel_spacing)[1]); }},
    {"image type", FurtherImageType},
    {"echo time", [](const DicomInstance& s) { return Number(s.echo_time_ms); }},
    {"inversion time", [](const DicomInstance& s) { return Number(s.inversion_time_ms); }},
}};

// These number slices as well as volumes, so they count only where positions repeat.
constexpr std::array<Key, 5> kWherePositionsRepeat = {{
    {"acquisition", [](const DicomInstance& s) { return s.acquisition_number; }},
    {"stack", [](const DicomInstance& s) { return s.stack_id; }},
    {"temporal position", [](const DicomInstance& s) { return s.temporal_position; }},
    {"b value", [](const DicomInstance& s) { return Number(s.b_value); }},
    {"sequence name", [](const DicomInstance& s) { return s.sequence_name; }},
}};

// A volume to be, and what tells it from its siblings.
struct Group {
  Slices slices;
  std::string part;

  void Tell(const std::string& what) { AppendTo(part, ", ", what); }
};

DicomSeries SeriesOf(Slices slices, const std::string& part) {
  DicomSeries series;
  series.series_uid = slices.front().series_uid;
  series.part = part;
  series.description = slices.front().series_description;
  series.frame_of_reference_uid = slices.front().frame_of_reference_uid;
  std::set<std::string> notes;
  for (const DicomInstance& slice : slices) {
    notes.insert(slice.notes.begin(), slice.notes.end());
    if (slice.is_lossy)
      notes.insert("compressed with loss (ratio " + (slice.lossy_ratio.empty() ? "not stated" : slice.lossy_ratio) +
                   ")");
  }
  series.notes.assign(notes.begin(), notes.end());
  series.instances = std::move(slices);
  return series;
}

void DropExactCopies(Slices& slices) {
  std::set<std::string> digests;
  std::erase_if(slices, [&](const DicomInstance& slice) { return !digests.insert(slice.file_sha256).second; });
}

std::optional<InputError> ModalityProblem(const DicomInstance& slice) {
  const bool is_mr_class =
      slice.sop_class_uid.starts_with(kMrClass) && slice.sop_class_uid.size() <= kMrClass.size() + 2;
  if (!is_mr_class) return InputError("WRONG_MODALITY", slice.file, "SOPClassUID", "is no MR image");
  if (slice.modality != "MR") return InputError("WRONG_MODALITY", slice.file, "Modality", "is not MR");
  return std::nullopt;
}

std::optional<InputError> DuplicateSop(Slices& slices, GeometryPolicy policy, std::vector<std::string>& notes) {
  std::map<std::string, std::string> files;
  std::optional<InputError> error;
  std::erase_if(slices, [&](const DicomInstance& slice) {
    const auto [first, is_new] = files.emplace(slice.sop_instance_uid, slice.file);
    if (is_new) return false;
    const std::string why = "the SOPInstanceUID and pixels of " + first->second + " under another header";
    if (policy == GeometryPolicy::kFail && !error)
      error = InputError("DUPLICATE_SOP", slice.file, "SOPInstanceUID", why);
    if (policy != GeometryPolicy::kFail)
      notes.push_back("geometry_warning: DUPLICATE_SOP: left out as configured: " + slice.file);
    return policy != GeometryPolicy::kFail;
  });
  return error;
}

// A slice lost at an end leaves no gap; some scanners at least say how many there were.
void NoteLostSlices(const Slices& slices, std::vector<std::string>& notes) {
  double stated = 0;
  for (const DicomInstance& slice : slices) stated = std::max(stated, slice.images_in_acquisition.value_or(0));
  constexpr double kMost = 1e6;
  if (stated <= static_cast<double>(slices.size()) || stated > kMost) return;
  notes.push_back("geometry_warning: the headers state " + std::to_string(std::lround(stated)) + " images, " +
                  std::to_string(slices.size()) + " are there");
}

template <typename Check>
std::optional<InputError> FirstProblem(const Slices& slices, const Check& check) {
  for (const DicomInstance& slice : slices) {
    if (const std::optional<InputError> problem = check(slice)) return problem;
  }
  return std::nullopt;
}

std::optional<InputError> MixedOrientation(const Slices& slices) {
  return FirstProblem(slices, [&](const DicomInstance& slice) -> std::optional<InputError> {
    if (IsSameOrientation(slices.front(), slice)) return std::nullopt;
    return InputError("MIXED_ORIENTATION", slice.file, "ImageOrientationPatient",
                      "differs from that of " + slices.front().file + " in the same series");
  });
}

std::vector<Slices> DivideByOrientation(const Slices& slices) {
  std::vector<Slices> groups;
  for (const DicomInstance& slice : slices) {
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const Slices& group) { return IsSameOrientation(group.front(), slice); });
    if (same == groups.end()) {
      groups.push_back({slice});
    } else {
      same->push_back(slice);
    }
  }
  return groups;
}

std::vector<Group> DivideBy(const Key& key, const Group& group) {
  std::map<std::string, Group> parts;
  for (const DicomInstance& slice : group.slices) parts[key.value(slice)].slices.push_back(slice);
  std::vector<Group> groups;
  for (auto& [value, part] : parts) {
    part.part = group.part;
    if (parts.size() > 1) part.Tell(std::string(key.name) + " " + (value.empty() ? "none" : value));
    groups.push_back(std::move(part));
  }
  return groups;
}

std::vector<Group> DivideByStation(const Group& group) {
  std::vector<Slices> stations = SplitStations(group.slices);
  std::vector<Group> groups;
  for (std::size_t i = 0; i < stations.size(); ++i) {
    Group station{std::move(stations[i]), group.part};
    if (stations.size() > 1)
      station.Tell("station " + std::to_string(i + 1) + " of " + std::to_string(stations.size()));
    groups.push_back(std::move(station));
  }
  return groups;
}

// The slices along their normal, each place once.
std::size_t CountPlaces(const Slices& slices) {
  const SliceAxes axes = AxesOf(slices.front());
  std::vector<const DicomInstance*> order;
  for (const DicomInstance& slice : slices) order.push_back(&slice);
  std::sort(order.begin(), order.end(), [&](const DicomInstance* a, const DicomInstance* b) {
    return Dot(*a->position, axes.normal) < Dot(*b->position, axes.normal);
  });
  std::size_t places = 1;
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (!IsSamePlace(*order[i - 1], *order[i])) ++places;
  }
  return places;
}

// A key is right where it leaves fewer slices at shared places without taking the volume to pieces.
bool Helps(const std::vector<Group>& parts, const Group& group) {
  if (parts.size() < 2) return false;
  const std::size_t places = CountPlaces(group.slices);
  std::size_t repeats = 0, largest = 0;
  for (const Group& part : parts) {
    const std::size_t part_places = CountPlaces(part.slices);
    repeats += part.slices.size() - part_places;
    largest = std::max(largest, part_places);
  }
  return repeats < group.slices.size() - places && 2 * largest >= places;
}

std::vector<Group> DivideRepeats(const Group& group) {
  std::vector<Group> groups = {group};
  for (const Key& key : kWherePositionsRepeat) {
    std::vector<Group> next;
    for (const Group& candidate : groups) {
      const bool repeats = CountPlaces(candidate.slices) < candidate.slices.size();
      std::vector<Group> parts = repeats ? DivideBy(key, candidate) : std::vector<Group>{};
      if (!repeats || !Helps(parts, candidate)) parts = {candidate};
      std::move(parts.begin(), parts.end(), std::back_inserter(next));
    }
    groups = std::move(next);
  }
  return groups;
}

template <typename Divide>
std::vector<Group> DivideEach(const std::vector<Group>& groups, const Divide& divide) {
  std::vector<Group> divided;
  for (const Group& group : groups) {
    std::vector<Group> parts = divide(group);
    std::move(parts.begin(), parts.end(), std::back_inserter(divided));
  }
  return divided;
}

std::vector<Group> Divide(const Slices& slices) {
  std::vector<Group> groups;
  for (Slices& oriented : DivideByOrientation(slices)) groups.push_back({std::move(oriented), ""});
  if (groups.size() > 1) {
    for (Group& group : groups) group.Tell("orientation " + Orientation(group.slices.front()));
  }
  for (const Key& key : kAlways) {
    groups = DivideEach(groups, [&](const Group& group) { return DivideBy(key, group); });
  }
  groups = DivideEach(groups, DivideByStation);
  return DivideEach(groups, DivideRepeats);
}

// True when `stray` lies where `series` has no slice but, going by its own spacing, could have one.
bool HasRoomFor(const DicomSeries& series, const DicomInstance& stray) {
  const DicomInstance& first = series.instances.front();
  if (!IsSameOrientation(first, stray)) return false;
  const Vector3 normal = AxesOf(first).normal;
  const double place = Dot(*stray.position, normal) - Dot(*first.position, normal);
  const double spacing = series.grid.spacing[2];
  if (place < -1.5 * spacing || place > series.slice_positions.back() + 1.5 * spacing) return false;
  return std::none_of(series.slice_positions.begin(), series.slice_positions.end(),
                      [&](double position) { return std::abs(position - place) < 0.25 * spacing; });
}

void LookForStrays(std::vector<DicomSeries>& volumes, const DicomReadOptions& options) {
  for (DicomSeries& volume : volumes) {
    for (const DicomSeries& other : volumes) {
      const bool is_few = other.instances.size() < static_cast<std::size_t>(options.min_slices);
      if (volume.error || &other == &volume || !is_few) continue;
      for (const DicomInstance& stray : other.instances) {
        if (volume.error || !HasRoomFor(volume, stray)) continue;
        volume.error = InputError("MISSING_SLICE", stray.file, "ImagePositionPatient",
                                  "this slice of the series continues a volume that it does not fit: " + other.part +
                                      " instead of " + volume.part);
      }
    }
  }
}

// A gap whose slice is there, but with another pixel spacing, say, is no lost slice.
void NameWhatStandsApart(std::vector<DicomSeries>& volumes) {
  for (DicomSeries& volume : volumes) {
    if (!volume.error || volume.error->code() != "MISSING_SLICE" || volume.part.empty()) continue;
    const auto other =
        std::find_if(volumes.begin(), volumes.end(), [&](const DicomSeries& one) { return &one != &volume; });
    if (other == volumes.end()) continue;
    volume.error = InputError("MISSING_SLICE", volume.error->file(), volume.error->field(),
                              volume.error->sentence() + "; other images of the series stand apart: " + other->part +
                                  " instead of " + volume.part);
  }
}

}  // namespace

std::vector<DicomSeries> AssembleSeries(std::vector<DicomInstance> instances, const DicomReadOptions& options,
                                        const ReadLimits& limits) {
  std::sort(instances.begin(), instances.end(),
            [](const DicomInstance& a, const DicomInstance& b) { return a.file < b.file; });
  DropExactCopies(instances);
  std::vector<std::string> warnings;
  std::optional<InputError> error = FirstProblem(instances, ModalityProblem);
  if (!error) error = DuplicateSop(instances, options.duplicate_sop, warnings);
  if (!error) error = FirstProblem(instances, [](const DicomInstance& slice) { return slice.problem; });
  if (!error) error = FirstProblem(instances, GeometryProblem);
  std::optional<InputError> mixed;
  if (!error) mixed = MixedOrientation(instances);
  if (mixed && options.mixed_orientation == GeometryPolicy::kFail) error = mixed;
  if (mixed && !error) warnings.emplace_back("geometry_warning: MIXED_ORIENTATION: divided as configured");
  NoteLostSlices(instances, warnings);
  std::vector<DicomSeries> volumes;
  if (error) {
    volumes.push_back(SeriesOf(std::move(instances), ""));
    volumes.back().error = error;
    return volumes;
  }
  for (Group& group : Divide(instances)) {
    volumes.push_back(SeriesOf(std::move(group.slices), group.part));
    volumes.back().notes.insert(volumes.back().notes.end(), warnings.begin(), warnings.end());
    BuildGrid(volumes.back(), options, limits);
  }
  NameWhatStandsApart(volumes);
  LookForStrays(volumes, options);
  return volumes;
}

}  // namespace dinsd
