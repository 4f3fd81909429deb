#include "pipeline/read/station_choice.h"

#include <algorithm>
#include <cmath>

#include "pipeline/read/dicom_geometry.h"
#include "pipeline/read/station_map.h"

namespace dinsd {
namespace {

constexpr double kSamePlaceMm = 20;  // of the corners of two tries at one station

std::vector<GridGeometry> GridsOf(const std::vector<DicomSeries*>& series) {
  std::vector<GridGeometry> grids;
  grids.reserve(series.size());
  for (const DicomSeries* one : series) grids.push_back(one->grid);
  return grids;
}

std::optional<InputError> FrameFault(const std::vector<DicomSeries*>& usable) {
  for (const DicomSeries* series : usable) {
    const std::string& file = series->instances.front().file;
    const std::string& frame = series->frame_of_reference_uid;
    if (frame.empty()) {
      return InputError("STATION_FRAME", file, "FrameOfReferenceUID",
                        "is missing: nobody knows where this station lies to the others");
    }
    if (frame == usable.front()->frame_of_reference_uid) continue;
    return InputError("STATION_FRAME", file, "FrameOfReferenceUID",
                      "is another one than that of the other stations: nobody knows where they lie to each other");
  }
  return std::nullopt;
}

std::optional<InputError> MapFault(const std::vector<DicomSeries*>& head_to_feet, const DicomReadOptions& options) {
  try {
    (void)MapStations(GridsOf(head_to_feet), options.min_station_overlap_mm);
    return std::nullopt;
  } catch (const InputError& error) {
    return InputError(error.code(), head_to_feet.front()->instances.front().file, error.field(), error.sentence());
  }
}

// A try that was broken off begins where the whole one does, in the plane of the slices.
bool BeginsWhere(const DicomSeries& short_one, const DicomSeries& whole) {
  const DicomInstance& a = short_one.instances.front();
  const DicomInstance& b = whole.instances.front();
  if (!a.position || !a.orientation || !IsSameOrientation(a, b)) return false;
  const SliceAxes axes = AxesOf(b);
  const auto apart = [&](const Vector3& axis) { return std::abs(Dot(*a.position, axis) - Dot(*b.position, axis)); };
  return apart(axes.row) <= kSamePlaceMm && apart(axes.column) <= kSamePlaceMm;
}

// Above or below; of a series that cannot be used only the corner is known.
bool LiesApart(const DicomSeries& usable, const DicomSeries& other) {
  if (!other.error) return LieBelowOneAnother({usable.grid, other.grid});
  return other.instances.front().position && !BeginsWhere(other, usable);
}

}  // namespace

bool MayBeStations(const std::vector<DicomSeries*>& usable) {
  if (usable.size() < 2) return false;
  const auto is_alike = [&](const DicomSeries* series) { return series->sequence == usable.front()->sequence; };
  return std::all_of(usable.begin(), usable.end(), is_alike) && LieBelowOneAnother(GridsOf(usable));
}

std::optional<InputError> TakeStations(const std::vector<DicomSeries*>& usable, const std::string& because,
                                       const DicomReadOptions& options) {
  std::vector<DicomSeries*> head_to_feet;
  for (const std::size_t s : HeadToFeet(GridsOf(usable))) head_to_feet.push_back(usable[s]);
  std::optional<InputError> fault = FrameFault(head_to_feet);
  if (!fault) fault = MapFault(head_to_feet, options);
  const std::string of = " of " + std::to_string(usable.size()) + ", counted from the head";
  for (std::size_t s = 0; s < head_to_feet.size(); ++s) {
    DicomSeries& series = *head_to_feet[s];
    series.is_chosen = !fault;
    series.reason = fault ? "not taken: with the other stations it is no whole: " + fault->code()
                          : "taken: " + because + ", station " + std::to_string(s + 1) + of;
  }
  return fault;
}

const DicomSeries* LostStation(const std::vector<DicomSeries*>& candidates) {
  const auto is_usable = [](const DicomSeries* series) { return !series->error; };
  if (std::none_of(candidates.begin(), candidates.end(), is_usable)) return nullptr;
  for (const DicomSeries* short_one : candidates) {
    if (!short_one->error || short_one->error->code() != "TOO_FEW_SLICES") continue;
    const auto is_its_repeat = [&](const DicomSeries* other) {
      return !other->error && BeginsWhere(*short_one, *other);
    };
    if (std::none_of(candidates.begin(), candidates.end(), is_its_repeat)) return short_one;
  }
  return nullptr;
}

void AddSisterStations(std::vector<DicomSeries>& all, std::vector<DicomSeries*>& named,
                       const std::function<bool(const DicomSeries&)>& may_be) {
  const std::vector<DicomSeries*> own = named;
  const auto is_station = [&](const DicomSeries* one) { return !one->error && may_be(*one); };
  if (!std::all_of(own.begin(), own.end(), is_station)) return;
  std::size_t elsewhere = 0;
  for (DicomSeries& sister : all) {
    const bool is_alike =
        may_be(sister) && sister.sequence == own.front()->sequence && sister.series_uid != own.front()->series_uid;
    const auto lies_apart = [&](const DicomSeries* one) { return LiesApart(*one, sister); };
    if (!is_alike || !std::all_of(own.begin(), own.end(), lies_apart)) continue;
    const std::string& frame = own.front()->frame_of_reference_uid;
    if (!frame.empty() && sister.frame_of_reference_uid == frame) {
      named.push_back(&sister);
    } else {
      ++elsewhere;
    }
  }
  if (elsewhere == 0) return;
  own.front()->notes.push_back("study_warning: " + std::to_string(elsewhere) +
                               " series of the same sequence lie above or below this one in other frames of "
                               "reference: they are no part of what is measured");
}

}  // namespace dinsd
