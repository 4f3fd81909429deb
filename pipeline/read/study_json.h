#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pipeline/read/study.h"

namespace dinsd {

/// An inspected study as it crosses to another process of ours. Texts may be any bytes and come back as they are.
[[nodiscard]] nlohmann::json StudyToJson(const InspectedStudy& study);

/// The same study again. The reader that sent it has parsed strangers' files, so nothing is taken on trust: shape,
/// lengths, counts and numbers are checked by pipeline/read/schema/inspected-study-1.schema.json; at most one image is
/// chosen, and it has files, as many digests, no error and a usable grid. Throws std::invalid_argument that names the
/// JSON pointer and no value. Thread-safe.
[[nodiscard]] InspectedStudy StudyFromJson(const nlohmann::json& document);

}  // namespace dinsd
