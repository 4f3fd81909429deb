#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "pipeline/segment/segment_options.h"

namespace dinsd {

/// --guide and --sigma of a command that runs a network.
struct GuideArgument {
  std::string guide;
  std::string sigma;
};

/// Adds both options to `command`; `argument` must outlive it.
void AddGuideOptions(CLI::App& command, GuideArgument& argument);

/// What was given as options of a study. Throws std::runtime_error that names the option.
void ApplyGuide(const GuideArgument& argument, SegmentOptions& options);

/// "1,5,5,mm": z, y, x and a unit (image-voxel, network-voxel or mm). Throws std::runtime_error that names --sigma.
[[nodiscard]] GuideSpread SpreadFrom(const std::string& text);

}  // namespace dinsd
