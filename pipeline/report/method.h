#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/segment/segment_options.h"

namespace dinsd {

// How a volume was measured: weights, options and program. Two volumes of different methods are not compared without
// saying so (`model_mismatch`).

/// What results name as their software.
[[nodiscard]] std::string ThisSoftware();

/// SHA-256 of the options as provenance.json has them: its `options_sha256`.
[[nodiscard]] std::string OptionsDigest(const SegmentOptions& options);

/// One word for a method.
[[nodiscard]] std::string MethodDigest(const std::string& weights_sha256, const std::string& options_sha256,
                                       const std::string& software);

/// That of a result, from its provenance.json. Throws nlohmann::json::exception where it does not tell.
[[nodiscard]] std::string MethodDigest(const nlohmann::json& provenance);

}  // namespace dinsd
