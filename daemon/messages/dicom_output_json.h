#pragma once

#include <nlohmann/json.hpp>

#include "pipeline/write/dicom_output_options.h"

namespace dinsd {

/// Which DICOM objects a worker writes, on their way to it. They are no part of the idempotency key: the result is the
/// same whatever it is written as.
[[nodiscard]] nlohmann::json DicomOutputToJson(const DicomOutputOptions& options);

/// Throws MessageError, also where Check() refuses.
[[nodiscard]] DicomOutputOptions DicomOutputFromJson(const nlohmann::json& json);

}  // namespace dinsd
