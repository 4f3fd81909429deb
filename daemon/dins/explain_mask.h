#pragma once

#include <filesystem>

#include "pipeline/import/import_options.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// Prints what the daemon would do with the masks of others beside the study's images: which it would import as the
/// result, which not and why. Whether one would be imported, so that nothing else would happen. `has_clicks`: clicks
/// lie there too, and go before it. Throws InputError of FindMask and ChosenImage.
bool PrintMask(const std::filesystem::path& root, const InspectedStudy& study, const ImportOptions& options,
               const ReadLimits& limits, bool has_clicks);

}  // namespace dinsd
