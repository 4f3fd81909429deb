#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/dicom_study.h"
#include "pipeline/read/input_error.h"

namespace dinsd {

// Whether several series that the rules want are the stations of one whole-body examination.

/// Whether usable series may be stations: at least two, of one sequence, one below the other.
[[nodiscard]] bool MayBeStations(const std::vector<DicomSeries*>& usable);

/// Marks them all as chosen, because `because`, each with its number from the head. Or marks none, tells each why, and
/// returns what stands against it: STATION_FRAME (they do not share a FrameOfReferenceUID, so nobody knows where one
/// lies to the other) and the errors of MapStations.
[[nodiscard]] std::optional<InputError> TakeStations(const std::vector<DicomSeries*>& usable,
                                                     const std::string& because, const DicomReadOptions& options);

/// Of series that the rules want, the one that was broken off (TOO_FEW_SLICES) at a place where no usable one lies: a
/// station is missing. nullptr where there is none, or where none is usable.
[[nodiscard]] const DicomSeries* LostStation(const std::vector<DicomSeries*>& candidates);

/// Adds to the volumes of a series that was named those of `all` which lie above or below it in its frame of reference:
/// whoever names one station means the examination. `may_be` tells which series can be one. Sisters of other frames of
/// reference are told in a note of the named series.
void AddSisterStations(std::vector<DicomSeries>& all, std::vector<DicomSeries*>& named,
                       const std::function<bool(const DicomSeries&)>& may_be);

}  // namespace dinsd
