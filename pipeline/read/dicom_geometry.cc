#include "pipeline/read/dicom_geometry.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace dinsd {
namespace {

constexpr double kSamePlaceMm = 0.01;
constexpr double kStationJumpMm = 10;
constexpr double kOrientationTolerance = 1e-4;
constexpr double kAxisTolerance = 1e-3;    // of lengths and of the right angle of an orientation
constexpr double kWrittenDigitsMm = 0.01;  // positions are often written with two decimals
constexpr double kLoneGapFactor = 1.5;     // a gap this many medians wide is never evened out
constexpr double kDegree = M_PI / 180;

Vector3 Minus(const Vector3& a, const Vector3& b) {
  return {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
}

double Length(const Vector3& a) {
  return std::sqrt(Dot(a, a));
}

std::string Mm(double value) {
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.4g mm", value);
  return text.data();
}

// Groups of `slices` between which the coordinate along `axis` jumps, in rising order of it.
std::vector<std::vector<DicomInstance>> SplitAlong(std::vector<DicomInstance> slices, const Vector3& axis) {
  std::stable_sort(slices.begin(), slices.end(), [&](const DicomInstance& a, const DicomInstance& b) {
    return Dot(*a.position, axis) < Dot(*b.position, axis);
  });
  std::vector<std::vector<DicomInstance>> groups;
  double last = 0;
  for (DicomInstance& slice : slices) {
    const double place = Dot(*slice.position, axis);
    if (groups.empty() || place - last > kStationJumpMm) groups.emplace_back();
    last = place;
    groups.back().push_back(std::move(slice));
  }
  return groups;
}

// Slices of one volume in order, with what the checks need of them.
struct Stack {
  SliceAxes axes;
  std::vector<double> positions;  // along the normal, from the first
  std::vector<double> gaps;
  double median = 0;

  [[nodiscard]] double Tolerance(double gap) const { return std::max(0.01 * gap, 0.05); }
  [[nodiscard]] bool IsEven(double gap) const { return std::abs(gap - median) <= Tolerance(median); }
  [[nodiscard]] double MeanGap() const { return positions.back() / static_cast<double>(gaps.size()); }

  // How many medians a gap is wide, 0 when that is no whole number.
  [[nodiscard]] long Multiple(double gap) const {
    if (!(median > kSamePlaceMm)) return 0;
    const long k = std::lround(gap / median);
    return std::abs(gap - static_cast<double>(k) * median) <= Tolerance(static_cast<double>(k) * median) ? k : 0;
  }
};

Stack SortIntoStack(std::vector<DicomInstance>& slices) {
  Stack stack;
  stack.axes = AxesOf(slices.front());
  std::stable_sort(slices.begin(), slices.end(), [&](const DicomInstance& a, const DicomInstance& b) {
    return Dot(*a.position, stack.axes.normal) < Dot(*b.position, stack.axes.normal);
  });
  for (const DicomInstance& slice : slices) {
    stack.positions.push_back(Dot(Minus(*slice.position, *slices.front().position), stack.axes.normal));
  }
  for (std::size_t i = 1; i < slices.size(); ++i) stack.gaps.push_back(stack.positions[i] - stack.positions[i - 1]);
  if (stack.gaps.empty()) return stack;
  std::vector<double> sorted = stack.gaps;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  stack.median = *middle;
  return stack;
}

// Runs the checks of one series; the first that the options do not allow becomes its error.
class GridChecks {
 public:
  GridChecks(DicomSeries& series, const DicomReadOptions& options, const ReadLimits& limits)
      : series_(series), options_(options), limits_(limits) {}

  void Run() {
    stack_ = SortIntoStack(series_.instances);
    CheckDuplicates();
    if (!series_.error) CheckShear();
    if (!series_.error) CheckGaps();
    if (!series_.error) CheckCount();
    if (series_.instances.size() >= 2 && !series_.error) CheckSpacing();
    if (!series_.error) CheckVoxels();
    if (!series_.error) SetGrid();
  }

 private:
  void Refuse(const char* code, const DicomInstance& slice, const char* field, const std::string& why) {
    series_.error = InputError(code, slice.file, FieldOf(slice, field), why);
  }

  // Refuses, or writes the geometry warning where the policy lets it pass.
  void Meet(GeometryPolicy policy, const char* code, const DicomInstance& slice, const std::string& why) {
    if (policy == GeometryPolicy::kFail) return Refuse(code, slice, "ImagePositionPatient", why);
    const char* what = policy == GeometryPolicy::kInterpolate ? "evened out by interpolation" : "processed anyway";
    series_.notes.push_back(std::string("geometry_warning: ") + code + " " + what + " as configured: " + why);
  }

  void CheckDuplicates() {
    auto& slices = series_.instances;
    for (std::size_t i = 1; i < slices.size() && !series_.error;) {
      if (!IsSamePlace(slices[i - 1], slices[i])) {
        ++i;
        continue;
      }
      Meet(options_.duplicate_position, "DUPLICATE_POSITION", slices[i],
           "lies where " + NameOf(slices[i - 1]) + " does, and no attribute tells them apart");
      if (!series_.error) slices.erase(slices.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (!series_.error) stack_ = SortIntoStack(slices);
  }

  void CheckShear() {
    const auto& slices = series_.instances;
    const double largest = std::sin(0.1 * kDegree);
    const auto is_sheared = [&](const DicomInstance& from, const DicomInstance& to) {
      const Vector3 step = Minus(*to.position, *from.position);
      const double along = Dot(step, stack_.axes.normal);
      const double aside = std::sqrt(std::max(0.0, Dot(step, step) - along * along));
      return aside > std::max(largest * Length(step), kWrittenDigitsMm);
    };
    for (std::size_t i = 1; i < slices.size(); ++i) {
      if (!is_sheared(slices[i - 1], slices[i]) && !is_sheared(slices.front(), slices[i])) continue;
      Meet(options_.sheared, "SHEARED", slices[i],
           "its step from the slice before is not along the slice normal within 0.1 degree");
      return;
    }
  }

  void CheckGaps() {
    for (std::size_t i = 0; i < stack_.gaps.size(); ++i) {
      const long multiple = stack_.Multiple(stack_.gaps[i]);
      if (multiple < 2) continue;
      return Refuse("MISSING_SLICE", series_.instances[i + 1], "ImagePositionPatient",
                    "a gap of " + Mm(stack_.gaps[i]) + " among gaps of " + Mm(stack_.median) + ": " +
                        std::to_string(multiple - 1) + " missing before this slice");
    }
    const auto& gaps = stack_.gaps;
    const auto is_uneven = [&](double gap) { return !stack_.IsEven(gap); };
    const auto is_hole = [&](double gap) { return is_uneven(gap) && gap > kLoneGapFactor * stack_.median; };
    auto found = std::find_if(gaps.begin(), gaps.end(), is_hole);
    const GeometryPolicy policy = found != gaps.end() ? GeometryPolicy::kFail : options_.variable_spacing;
    if (found == gaps.end()) found = std::find_if(gaps.begin(), gaps.end(), is_uneven);
    if (found == gaps.end()) return;
    Meet(policy, "VARIABLE_SPACING", series_.instances[static_cast<std::size_t>(found - gaps.begin()) + 1],
         "a gap of " + Mm(*found) + " among gaps of " + Mm(stack_.median));
    series_.interpolate_slices = policy == GeometryPolicy::kInterpolate;
  }

  void CheckCount() {
    if (series_.instances.size() >= static_cast<std::size_t>(options_.min_slices)) return;
    Refuse("TOO_FEW_SLICES", series_.instances.front(), "",
           std::to_string(series_.instances.size()) + " slices, " + std::to_string(options_.min_slices) + " needed");
  }

  void CheckSpacing() {
    const double spacing = stack_.MeanGap();
    if (spacing >= options_.min_slice_spacing_mm - kKeptDigits &&
        spacing <= options_.max_slice_spacing_mm + kKeptDigits)
      return;
    const GeometryPolicy policy = spacing < kSamePlaceMm ? GeometryPolicy::kFail : options_.spacing_out_of_range;
    Meet(policy, "SPACING_OUT_OF_RANGE", series_.instances.front(),
         "slices are " + Mm(spacing) + " apart, allowed are " + Mm(options_.min_slice_spacing_mm) + " to " +
             Mm(options_.max_slice_spacing_mm));
  }

  void CheckVoxels() {
    const DicomInstance& first = series_.instances.front();
    const std::uint64_t pixels = static_cast<std::uint64_t>(first.rows) * static_cast<std::uint64_t>(first.columns);
    if (pixels * series_.instances.size() <= limits_.max_voxels) return;
    Refuse("LIMIT_EXCEEDED", first, "",
           std::to_string(pixels * series_.instances.size()) + " voxels, " + std::to_string(limits_.max_voxels) +
               " allowed");
  }

  void SetGrid() {
    const DicomInstance& first = series_.instances.front();
    GridGeometry& grid = series_.grid;
    grid.size = {first.columns, first.rows, static_cast<std::int64_t>(series_.instances.size())};
    grid.spacing = {(*first.pixel_spacing)[1], (*first.pixel_spacing)[0], stack_.MeanGap()};
    grid.origin = *first.position;
    for (std::size_t row = 0; row < 3; ++row) {
      grid.direction[row * 3] = stack_.axes.row[row];
      grid.direction[row * 3 + 1] = stack_.axes.column[row];
      grid.direction[row * 3 + 2] = stack_.axes.normal[row];
    }
    series_.slice_positions = stack_.positions;
    NoteWhatIsUnusual(first);
  }

  void NoteWhatIsUnusual(const DicomInstance& first) {
    const Vector3& n = stack_.axes.normal;
    const double steepest = std::max({std::abs(n[0]), std::abs(n[1]), std::abs(n[2])});
    const double oblique = std::acos(std::min(1.0, steepest)) / kDegree;
    if (oblique > 1) series_.notes.push_back("oblique by " + std::to_string(std::lround(oblique)) + " degrees");
    if (first.slice_thickness_mm && std::abs(*first.slice_thickness_mm - stack_.MeanGap()) > 0.05) {
      series_.notes.push_back("slices " + Mm(*first.slice_thickness_mm) + " thick are " + Mm(stack_.MeanGap()) +
                              " apart, centre to centre; volumes use the latter");
    }
    // Negative ones are about the order of acquisition.
    const double stated = std::abs(first.spacing_between_slices_mm.value_or(0));
    if (stated > 0 && std::abs(stated - stack_.MeanGap()) > std::max(0.05, 0.01 * stack_.MeanGap())) {
      series_.notes.push_back("geometry_warning: SpacingBetweenSlices states " + Mm(stated) + ", the slices lie " +
                              Mm(stack_.MeanGap()) + " apart; volumes use the latter");
    }
  }

  static constexpr double kKeptDigits = 1e-6;

  DicomSeries& series_;
  const DicomReadOptions& options_;
  const ReadLimits& limits_;
  Stack stack_;
};

}  // namespace

double Dot(const Vector3& a, const Vector3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

SliceAxes AxesOf(const DicomInstance& instance) {
  const auto& o = *instance.orientation;
  SliceAxes axes{{o[0], o[1], o[2]}, {o[3], o[4], o[5]}, {}};
  axes.normal = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]};
  for (Vector3* axis : {&axes.row, &axes.column, &axes.normal}) {
    const double length = Length(*axis);
    for (double& v : *axis) v /= length;
  }
  return axes;
}

std::optional<InputError> GeometryProblem(const DicomInstance& instance) {
  const auto problem = [&](const char* field, const char* why) {
    return InputError("NO_GEOMETRY", instance.file, FieldOf(instance, field), why);
  };
  constexpr double kFarthestMm = 1e5;
  if (!instance.position) return problem("ImagePositionPatient", "is missing or not three numbers");
  for (const double v : *instance.position) {
    if (std::abs(v) > kFarthestMm) return problem("ImagePositionPatient", "is more than 100 m away");
  }
  if (!instance.orientation) return problem("ImageOrientationPatient", "is missing or not six numbers");
  const auto& o = *instance.orientation;
  const Vector3 row{o[0], o[1], o[2]}, column{o[3], o[4], o[5]};
  if (std::abs(Length(row) - 1) > kAxisTolerance || std::abs(Length(column) - 1) > kAxisTolerance ||
      std::abs(Dot(row, column)) > kAxisTolerance) {
    return problem("ImageOrientationPatient", "is no pair of unit vectors at right angles");
  }
  if (!instance.pixel_spacing) return problem("PixelSpacing", "is missing or not two numbers");
  for (const double v : *instance.pixel_spacing) {
    if (!(v > 1e-3 && v < 1e3)) return problem("PixelSpacing", "is not between 0.001 and 1000 mm");
  }
  return std::nullopt;
}

bool IsSameOrientation(const DicomInstance& a, const DicomInstance& b) {
  for (std::size_t i = 0; i < 6; ++i) {
    if (std::abs((*a.orientation)[i] - (*b.orientation)[i]) > kOrientationTolerance) return false;
  }
  return true;
}

bool IsSamePlace(const DicomInstance& a, const DicomInstance& b) {
  return Length(Minus(*a.position, *b.position)) < kSamePlaceMm;
}

std::vector<std::vector<DicomInstance>> SplitStations(const std::vector<DicomInstance>& slices) {
  const SliceAxes axes = AxesOf(slices.front());
  std::vector<std::vector<DicomInstance>> stations;
  for (const auto& stripe : SplitAlong(slices, axes.row)) {
    for (auto& station : SplitAlong(stripe, axes.column)) stations.push_back(std::move(station));
  }
  std::stable_sort(stations.begin(), stations.end(),
                   [](const auto& a, const auto& b) { return (*a.front().position)[2] > (*b.front().position)[2]; });
  return stations;
}

void BuildGrid(DicomSeries& series, const DicomReadOptions& options, const ReadLimits& limits) {
  GridChecks(series, options, limits).Run();
}

}  // namespace dinsd
