#include "daemon/dins/guide_argument.h"

#include <charconv>
#include <stdexcept>
#include <vector>

namespace dinsd {
namespace {

std::vector<std::string> Parts(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::optional<double> NumberFrom(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

GuideSpread SpreadFrom(const std::string& text) {
  const std::vector<std::string> parts = Parts(text);
  if (parts.size() == 4) {
    const auto z = NumberFrom(parts[0]), y = NumberFrom(parts[1]), x = NumberFrom(parts[2]);
    const auto unit = SigmaUnitFrom(parts[3]);
    if (z && y && x && unit && IsLegal({{*z, *y, *x}, *unit})) return {{*z, *y, *x}, *unit};
  }
  throw std::runtime_error("--sigma: '" + text +
                           "' is not Z,Y,X,UNIT with numbers from 0.1 to 1000 and image-voxel, network-voxel or mm");
}

void AddGuideOptions(CLI::App& command, GuideArgument& argument) {
  command.add_option("--guide", argument.guide,
                     "refuse weights that were not trained with this guide: " + GuideWords() +
                         " (default: whatever the weights have)");
  command.add_option(
      "--sigma", argument.sigma,
      "Z,Y,X,UNIT: spread of every click for this case, in place of the prompts' and the weights' (guide "
      "expdt); UNIT is image-voxel, network-voxel or mm");
}

void ApplyGuide(const GuideArgument& argument, SegmentOptions& options) {
  options.guide = argument.guide;
  if (!argument.guide.empty() && !GuideRuleFrom(argument.guide)) {
    throw std::runtime_error("--guide: '" + argument.guide + "' is none of " + GuideWords());
  }
  if (!argument.sigma.empty()) options.sigma = SpreadFrom(argument.sigma);
}

}  // namespace dinsd
