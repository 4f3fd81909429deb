#pragma once

#include <string>
#include <vector>

#include "model/model_manifest.h"
#include "pipeline/segment/axes.h"

namespace dinsd {

/// Why a study lies outside what the weights were trained for, as sentences; empty where nothing speaks against it.
/// `sequence` is the image's, lower case, empty when unknown: an unknown sequence is outside, since nothing says that
/// it is inside. Checked too: an in-plane voxel more than twice as large as the network's, in-plane spacings that
/// differ by more than a fifth, and fewer slices than the network halves.
[[nodiscard]] std::vector<std::string> OutOfDomain(const std::string& sequence, const AxisMap& axes,
                                                   const ModelManifest& manifest);

}  // namespace dinsd
