#pragma once

#include <string>

#include "pipeline/longitudinal/longitudinal.h"

namespace dinsd {

// How the report says things; page and table read it here.

/// "+12 %", with a true minus sign and the decimals of PercentDecimals; empty where there is none.
[[nodiscard]] std::string PercentWords(const std::optional<double>& percent);

/// "+4.2 mL".
[[nodiscard]] std::string SignedMl(double ml);

/// "No. 3, L2".
[[nodiscard]] std::string TrackName(const LongitudinalReport& report, std::size_t track);

/// "+43 % since 2025-01-02 (95 % +20 to +71 %)", with "as a sum" where it is one.
[[nodiscard]] std::string ChangeWords(const LongitudinalReport& report, const ReferenceChange& change);

/// The class of a cell, or what stands in its place: "increase", "in No. 2", "baseline", "not compared", ...
[[nodiscard]] std::string ClassWords(const LongitudinalReport& report, std::size_t track, std::size_t t);

/// Whether the baseline was named by its date (ChangeRules) and is, of this track, timepoint t.
[[nodiscard]] bool IsNamedBaseline(const LongitudinalReport& report, std::size_t track, std::size_t t);

/// The volume that a result has of a cell; nothing where it has none: what was not found has no volume, never 0.
[[nodiscard]] std::optional<double> CellVolume(const LongitudinalReport& report, std::size_t track, std::size_t t);

/// The result's lesion of a cell; nullptr where there is none.
[[nodiscard]] const MeasuredLesion* CellLesion(const LongitudinalReport& report, std::size_t track, std::size_t t);

/// What the newest result that has the lesion says of its site and kind: "Thigh, left; plexiform; internal".
[[nodiscard]] std::string SiteOfTrack(const LongitudinalReport& report, std::size_t track);

}  // namespace dinsd
