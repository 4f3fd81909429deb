#pragma once

#include <string>

#include "model/model_manifest.h"

namespace dinsd {

/// The manifest as one JSON object; every field is written.
[[nodiscard]] std::string ManifestToJson(const ModelManifest& manifest);

/// Throws WeightsError WEIGHTS_MANIFEST that names `file` and the field: missing, unknown, of another type, or a value
/// that this program does not know.
[[nodiscard]] ModelManifest ManifestFromJson(const std::string& json, const std::string& file);

}  // namespace dinsd
