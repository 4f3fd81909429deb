#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "pipeline/segment/segment_options.h"

namespace dinsd {

// How a volume was measured: weights, options and program. Two volumes of different methods are not compared without
// saying so (`model_mismatch`).

/// How the method of a result begins whose mask others made; the digest of that mask follows, so that no two are the
/// same. No network can measure it again.
inline constexpr char kImportedMethod[] = "imported";

/// What results name as their software.
[[nodiscard]] std::string ThisSoftware();

/// SHA-256 of the options as provenance.json has them: its `options_sha256`.
[[nodiscard]] std::string OptionsDigest(const SegmentOptions& options);

/// One word for a method.
[[nodiscard]] std::string MethodDigest(const std::string& weights_sha256, const std::string& options_sha256,
                                       const std::string& software);

/// That of a result, from its provenance.json; of an imported mask see kImportedMethod. Throws
/// nlohmann::json::exception where it does not tell.
[[nodiscard]] std::string MethodDigest(const nlohmann::json& provenance);

}  // namespace dinsd
