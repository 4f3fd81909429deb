#pragma once

#include <string>
#include <vector>

#include "pipeline/read/dicom_study.h"
#include "pipeline/read/series_rule_options.h"

namespace dinsd {

/// Why a volume does not match a rule: its first condition that does not hold, in words; empty where all hold. An error
/// of the volume does not count, `series.sequence` is set already.
[[nodiscard]] std::string WhyNotMatched(const SeriesRule& rule, const DicomSeries& series);

/// The first rules that do not match, each by its name with the reason, up to and without the rule `end`.
[[nodiscard]] std::string WhyNoneMatched(const std::vector<SeriesRule>& rules, std::size_t end,
                                         const DicomSeries& series);

}  // namespace dinsd
