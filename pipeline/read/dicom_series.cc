#include "pipeline/read/dicom_series.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <set>
#include <span>

#include "pipeline/read/dicom_geometry.h"
#include "pipeline/read/divide_series.h"

namespace dinsd {
namespace {

using Slices = std::vector<DicomInstance>;

constexpr std::string_view kMrClass = "1.2.840.10008.5.1.4.1.1.4";  // and .1 to .4 below it

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

template <typename Check>
std::optional<InputError> FirstProblem(const Slices& slices, const Check& check) {
  for (const DicomInstance& slice : slices) {
    if (const std::optional<InputError> problem = check(slice)) return problem;
  }
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

// The frames of all instances, each as a slice of its own, or the instances themselves where they are classic.
Slices SliceRecords(Slices instances) {
  Slices slices;
  for (DicomInstance& instance : instances) {
    if (instance.slices.empty()) {
      slices.push_back(std::move(instance));
    } else {
      std::move(instance.slices.begin(), instance.slices.end(), std::back_inserter(slices));
    }
  }
  return slices;
}

// One multi-frame image that its writer divided into several instances is there as a whole or not at all.
std::optional<InputError> LostInstance(const Slices& instances) {
  std::map<std::string, int> found;
  for (const DicomInstance& instance : instances) ++found[instance.concatenation_uid];
  for (const DicomInstance& instance : instances) {
    const int there = found[instance.concatenation_uid];
    if (instance.concatenation_uid.empty() || instance.concatenation_total <= there) continue;
    return InputError("MISSING_SLICE", instance.file, "InConcatenationTotalNumber",
                      "is " + std::to_string(instance.concatenation_total) + ", and " + std::to_string(there) +
                          " of these instances are there");
  }
  return std::nullopt;
}

// The frames of a stack are counted; one lost at an end leaves no gap between the others.
void NoteLostFrames(DicomSeries& volume) {
  std::set<std::uint32_t> positions;
  for (const DicomInstance& slice : volume.instances) positions.insert(slice.in_stack_position);
  const bool is_counted = !positions.contains(0) && positions.size() == volume.instances.size();
  if (!is_counted || (*positions.begin() == 1 && *positions.rbegin() == positions.size())) return;
  volume.notes.push_back("geometry_warning: the frames' InStackPositionNumber runs from " +
                         std::to_string(*positions.begin()) + " to " + std::to_string(*positions.rbegin()) + ", " +
                         std::to_string(positions.size()) + " frames are there");
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
        volume.error = InputError("MISSING_SLICE", stray.file, FieldOf(stray, "ImagePositionPatient"),
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
  const auto has_problem = [](const DicomInstance& slice) { return slice.problem; };
  if (!error) error = FirstProblem(instances, has_problem);
  if (!error) error = LostInstance(instances);
  if (!error) instances = SliceRecords(std::move(instances));
  if (!error) error = FirstProblem(instances, has_problem);
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
  for (SliceGroup& group : DivideIntoVolumes(instances)) {
    volumes.push_back(SeriesOf(std::move(group.slices), group.part));
    volumes.back().notes.insert(volumes.back().notes.end(), warnings.begin(), warnings.end());
    BuildGrid(volumes.back(), options, limits);
    NoteLostFrames(volumes.back());
  }
  NameWhatStandsApart(volumes);
  LookForStrays(volumes, options);
  return volumes;
}

}  // namespace dinsd
