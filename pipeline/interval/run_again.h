#pragma once

#include "pipeline/interval/rerun.h"

namespace dinsd {

/// RerunVolumes of a study whose mask is made, which nothing that happens in a re-run takes away: where one fails
/// (an exception of the network, no memory) or the time is over, there are no volumes, result.no_reruns says why, and
/// the result has a warning. What `on_pass` throws goes through.
[[nodiscard]] std::vector<std::vector<double>> RunAgain(const SegmentedStudy& study, LoadedModel& model,
                                                        RerunTime& time, const OnPass& on_pass, StudyResult& result);

}  // namespace dinsd
