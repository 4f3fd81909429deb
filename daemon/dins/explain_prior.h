#pragma once

#include <filesystem>
#include <vector>

#include "config/settings.h"
#include "daemon/service/prior_choice.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// The prior that the daemon would follow a study from, among the results that `results`/index.csv leads to; `study` is
/// its folder or file. As in the daemon, results count whose study lies in the same folder, or in watched folders that
/// share their patients with it. A result that cannot be read is none.
[[nodiscard]] PriorChoice PriorAmong(const std::filesystem::path& results, const std::filesystem::path& study,
                                     const StudyIdentity& identity, bool has_manifest,
                                     const std::vector<WatchSettings>& watches);

}  // namespace dinsd
