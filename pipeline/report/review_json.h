#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pipeline/followup/review_record.h"

namespace dinsd {

/// A review as report.json and provenance.json have it: who, when, counts, and per lesion what became of each click.
[[nodiscard]] nlohmann::json ReviewJson(const ReviewRecord& record);

}  // namespace dinsd
