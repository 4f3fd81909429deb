#pragma once

#include <array>
#include <string>
#include <vector>

#include "pipeline/read/dicom_file.h"
#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/dicom_study.h"
#include "pipeline/read/read_options.h"

namespace dinsd {

using Vector3 = std::array<double, 3>;

/// Row axis, column axis and their product of a slice, in LPS.
struct SliceAxes {
  Vector3 row{}, column{}, normal{};
};

[[nodiscard]] double Dot(const Vector3& a, const Vector3& b);

/// The axes of an instance that has an orientation.
[[nodiscard]] SliceAxes AxesOf(const DicomInstance& instance);

/// Why an instance has no usable geometry (NO_GEOMETRY), or nothing.
[[nodiscard]] std::optional<InputError> GeometryProblem(const DicomInstance& instance);

/// True when both orientations are the same within 1e-4 in each cosine.
[[nodiscard]] bool IsSameOrientation(const DicomInstance& a, const DicomInstance& b);

/// True when two slices lie at one place, within 0.01 mm.
[[nodiscard]] bool IsSamePlace(const DicomInstance& a, const DicomInstance& b);

/// Divides parallel slices where their in-plane origin jumps by more than 10 mm: table stations, head to feet.
[[nodiscard]] std::vector<std::vector<DicomInstance>> SplitStations(const std::vector<DicomInstance>& slices);

/// Sorts the slices of one volume along their normal, checks them and sets grid, slice_positions, notes and error:
/// DUPLICATE_POSITION, SHEARED, MISSING_SLICE, VARIABLE_SPACING, TOO_FEW_SLICES, SPACING_OUT_OF_RANGE, LIMIT_EXCEEDED,
/// the first of them in this order that the options do not allow.
void BuildGrid(DicomSeries& series, const DicomReadOptions& options, const ReadLimits& limits);

}  // namespace dinsd
