#pragma once

#include <string>

#include "pipeline/followup/change.h"
#include "pipeline/write/dicom_sr.h"

namespace dinsd {

// What the structured reports of a result and of all timepoints say alike: concepts of kOwnCodingScheme and numbers
// with the digits of the tables. The standard has no code for a bound of an interval ("range of lower measurement
// uncertainty" is a distance), none for a volume at another time and none for a change in percent.

inline constexpr int kVolumeDecimals = 4, kPercentDecimals = 2;  // of lesions.csv and longitudinal.csv

/// mL and % in UCUM.
[[nodiscard]] const DicomCode& MillilitreUnit();
[[nodiscard]] const DicomCode& PercentUnit();

/// A concept of kOwnCodingScheme: at most 16 characters of value, 64 of meaning.
[[nodiscard]] DicomCode OwnCode(const std::string& value, const std::string& meaning);

/// The class of a change: SNOMED CT for what got larger or smaller, else kOwnCodingScheme.
[[nodiscard]] DicomCode CodeOfChange(ChangeClass change);

/// Adds a number with `decimals` digits behind the point; one that is not finite is left out, and of one that has more
/// than the 16 characters that DICOM holds the nearest shorter text stands there.
void AddFigure(SrComparison& comparison, const DicomCode& what, double value, int decimals, const DicomCode& unit);

/// Adds both bounds of an interval of `level` (such as 0.9) under `name` followed by LOW or HIGH and the level in
/// percent, such as VOLUMELOW90; `of` says in words of what. Neither where one is not finite.
void AddBounds(SrComparison& comparison, const std::string& name, const std::string& of, double level, double low,
               double high, int decimals, const DicomCode& unit);

/// Adds a text under a concept of kOwnCodingScheme; nothing where it is empty.
void AddWord(SrComparison& comparison, const std::string& value, const std::string& meaning, const std::string& text);

}  // namespace dinsd
