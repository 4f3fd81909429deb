#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/read/study.h"
#include "pipeline/segment/segment_options.h"

namespace dinsd {

// Options on their way to a child, and as part of the idempotency key: equal options give equal text (nlohmann::json
// sorts its keys). The ...FromJson functions throw MessageError, also where Check() refuses.

[[nodiscard]] nlohmann::json ReadOptionsToJson(const StudyReadOptions& options);
[[nodiscard]] StudyReadOptions ReadOptionsFromJson(const nlohmann::json& json);

[[nodiscard]] nlohmann::json SegmentOptionsToJson(const SegmentOptions& options);
[[nodiscard]] SegmentOptions SegmentOptionsFromJson(const nlohmann::json& json);

}  // namespace dinsd
