#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/import/imported_mask.h"
#include "pipeline/segment/segment_options.h"

namespace dinsd {

/// The options of a segmentation as an object; dumped without spaces it is their canonical form, which is digested.
[[nodiscard]] nlohmann::json OptionsJson(const SegmentOptions& options);

/// Where an imported mask came from: kind, maker, files, and what was taken of them.
[[nodiscard]] nlohmann::json ImportedJson(const ImportedMask& mask);

/// `text`, or null where it is empty: unknown is never an empty word and never 0.
[[nodiscard]] nlohmann::json TextOrNull(const std::string& text);

/// Every string and key below `value` as clean UTF-8, so that it can be dumped.
void CleanStrings(nlohmann::json& value);

}  // namespace dinsd
