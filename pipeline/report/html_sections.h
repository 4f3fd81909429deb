#pragma once

#include "pipeline/report/html.h"
#include "pipeline/report/report.h"

namespace dinsd {

// The parts of report.html, from top to bottom.

/// Inline CSS: dark text on white, tables that stack on a phone, rows that are not cut on A4.
[[nodiscard]] Html StyleSheet();

/// Whose study, which day, which job, and that all of it is for research only.
[[nodiscard]] Html HeadingSection(const StudyResult& result, const ReportContext& context);

/// Final or PRELIMINARY, why nothing was found, out of domain, warnings.
[[nodiscard]] Html StateSection(const StudyResult& result);

[[nodiscard]] Html TotalsSection(const StudyResult& result);

/// What the study was followed from, and each lesion of it then and now; nothing for a study with clicks of its own.
[[nodiscard]] Html FollowUpSection(const StudyResult& result);

/// The whole-body picture, or why there is none.
[[nodiscard]] Html OverviewSection(const StudyResult& result);

/// One row per lesion, and what the remarks in it mean.
[[nodiscard]] Html LesionTableSection(const StudyResult& result);

[[nodiscard]] Html LesionPicturesSection(const StudyResult& result);

/// Image, clicks, weights, training data, device, options, times.
[[nodiscard]] Html MethodSection(const StudyResult& result, const ReportContext& context);

/// How sure one may be.
[[nodiscard]] Html TrustSection(const StudyResult& result);

/// Of it: what the intervals of the volumes are and are not, or why there are none.
[[nodiscard]] Html IntervalItem(const StudyResult& result);

/// How the study was run again; empty where it was not.
[[nodiscard]] std::string RerunWords(const IntervalOptions& options);

}  // namespace dinsd
