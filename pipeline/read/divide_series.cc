#include "pipeline/read/divide_series.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <map>
#include <span>

#include "pipeline/read/dicom_geometry.h"

namespace dinsd {
namespace {

using Slices = std::vector<DicomInstance>;
using Group = SliceGroup;

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
constexpr std::array<Key, 10> kAlways = {{
    // A multi-frame object says which frames are a stack; elsewhere the number may be anything.
    {"stack", [](const DicomInstance& s) { return s.frame == 0 ? std::string() : s.stack_id; }},
    {"frame of reference", [](const DicomInstance& s) { return s.frame_of_reference_uid; }},
    {"rows", [](const DicomInstance& s) { return std::to_string(s.rows); }},
    {"columns", [](const DicomInstance& s) { return std::to_string(s.columns); }},
    {"row spacing", [](const DicomInstance& s) { return Number((*s.pixel_spacing)[0]); }},
    {"column spacing", [](const DicomInstance& s) { return Number((*s.pixel_spacing)[1]); }},
    {"image type", FurtherImageType},
    {"component", [](const DicomInstance& s) { return s.complex_component; }},
    {"echo time", [](const DicomInstance& s) { return Number(s.echo_time_ms); }},
    {"inversion time", [](const DicomInstance& s) { return Number(s.inversion_time_ms); }},
}};

template <std::size_t kDimension>
std::string DimensionIndex(const DicomInstance& slice) {
  return slice.dimension_index.size() <= kDimension ? "" : std::to_string(slice.dimension_index[kDimension]);
}

// These number slices as well as volumes, so they count only where positions repeat.
constexpr std::array<Key, 12> kWherePositionsRepeat = {{
    {"acquisition", [](const DicomInstance& s) { return s.acquisition_number; }},
    {"stack", [](const DicomInstance& s) { return s.stack_id; }},
    {"temporal position", [](const DicomInstance& s) { return s.temporal_position; }},
    {"b value", [](const DicomInstance& s) { return Number(s.b_value); }},
    {"sequence name", [](const DicomInstance& s) { return s.sequence_name; }},
    {"index of dimension 1:", DimensionIndex<0>},
    {"index of dimension 2:", DimensionIndex<1>},
    {"index of dimension 3:", DimensionIndex<2>},
    {"index of dimension 4:", DimensionIndex<3>},
    {"index of dimension 5:", DimensionIndex<4>},
    {"index of dimension 6:", DimensionIndex<5>},
    {"instance", [](const DicomInstance& s) { return s.frame == 0 ? std::string() : s.sop_instance_uid; }},
}};

void Tell(Group& group, const std::string& what) {
  AppendTo(group.part, ", ", what);
}

std::vector<Group> DivideByOrientation(const Group& whole) {
  std::vector<Group> groups;
  for (const DicomInstance& slice : whole.slices) {
    const auto same = std::find_if(groups.begin(), groups.end(),
                                   [&](const Group& group) { return IsSameOrientation(group.slices.front(), slice); });
    if (same == groups.end()) {
      groups.push_back({{slice}, whole.part});
    } else {
      same->slices.push_back(slice);
    }
  }
  if (groups.size() > 1) {
    for (Group& group : groups) Tell(group, "orientation " + Orientation(group.slices.front()));
  }
  return groups;
}

std::vector<Group> DivideBy(const Key& key, const Group& group) {
  std::map<std::string, Group> parts;
  for (const DicomInstance& slice : group.slices) parts[key.value(slice)].slices.push_back(slice);
  std::vector<Group> groups;
  for (auto& [value, part] : parts) {
    part.part = group.part;
    if (parts.size() > 1) Tell(part, std::string(key.name) + " " + (value.empty() ? "none" : value));
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
      Tell(station, "station " + std::to_string(i + 1) + " of " + std::to_string(stations.size()));
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

}  // namespace

std::vector<SliceGroup> DivideIntoVolumes(const std::vector<DicomInstance>& slices) {
  std::vector<Group> groups = DivideBy(kAlways.front(), {slices, ""});
  groups = DivideEach(groups, DivideByOrientation);
  for (const Key& key : std::span(kAlways).subspan(1)) {
    groups = DivideEach(groups, [&](const Group& group) { return DivideBy(key, group); });
  }
  groups = DivideEach(groups, DivideByStation);
  return DivideEach(groups, DivideRepeats);
}

// Stacks of a multi-frame object may lie as they like, the slices of one may not.
std::optional<InputError> MixedOrientation(const std::vector<DicomInstance>& slices) {
  std::map<std::string, const DicomInstance*> first_of_stack;
  for (const DicomInstance& slice : slices) {
    const std::string stack = kAlways.front().value(slice);
    const DicomInstance& first = *first_of_stack.try_emplace(stack, &slice).first->second;
    if (IsSameOrientation(first, slice)) continue;
    return InputError("MIXED_ORIENTATION", slice.file, FieldOf(slice, "ImageOrientationPatient"),
                      "differs from that of " + NameOf(first) + " in the same series");
  }
  return std::nullopt;
}

}  // namespace dinsd
