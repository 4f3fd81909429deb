#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/read/series_rule_options.h"

namespace dinsd {

/// The rules by which a series is chosen, in their order, as a list of objects with every field.
[[nodiscard]] nlohmann::json SeriesRulesToJson(const std::vector<SeriesRule>& rules);

/// The same rules again. Throws MessageError for whatever SeriesRulesToJson does not write, patterns that are none
/// among it.
[[nodiscard]] std::vector<SeriesRule> SeriesRulesFromJson(const nlohmann::json& list);

}  // namespace dinsd
