#pragma once

#include <string>
#include <vector>

#include "pipeline/segment/study_result.h"

namespace dinsd {

/// Why re-runs as `asked` would tell nothing of how far the volumes of a result are off, a clause; empty where its
/// weights are calibrated for just such runs and images. Known before any re-run.
[[nodiscard]] std::string WhyUncalibrated(const StudyResult& result, const IntervalOptions& asked);

/// Why a study whose options ask for re-runs is not run again, a clause; empty where it is. Re-runs take several times
/// as long as the segmentation, so they are made only where an interval can come of them, or where
/// options.interval.even_uncalibrated asks for their spread alone.
[[nodiscard]] std::string WhyNoReruns(const StudyResult& result);

/// Why no volume of a result can have an interval, a clause; empty where it can: re-runs were made, and the weights say
/// how far volumes are off for just such runs and images.
[[nodiscard]] std::string WhyNoInterval(const StudyResult& result);

/// Gives each lesion of `result`, which is complete but for this, its spread in the re-runs (`volumes_ml` of
/// RerunVolumes) and, where the weights are calibrated for them, its interval; else the reason why it has none.
/// Thread-safe.
void TellHowSure(const std::vector<std::vector<double>>& volumes_ml, StudyResult& result);

}  // namespace dinsd
