#include "pipeline/segment/domain_check.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace dinsd {
namespace {

constexpr double kMostCoarser = 2;         // image voxel against network voxel, in plane
constexpr double kMostUnequal = 1.2;       // of the two in-plane spacings
constexpr std::int64_t kFewestSlices = 4;  // two on the deepest level, whose kernels look at three

std::string Mm(double mm) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f mm", mm);
  return text.data();
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

void CheckSequence(const std::string& sequence, const ModelManifest& manifest, std::vector<std::string>& reasons) {
  if (manifest.trained_for.empty()) {
    reasons.emplace_back("the weights do not say which sequences they were trained for");
  } else if (sequence.empty()) {
    reasons.push_back("the sequence of the image is not known; the weights were trained for " +
                      Joined(manifest.trained_for));
  } else if (std::find(manifest.trained_for.begin(), manifest.trained_for.end(), sequence) ==
             manifest.trained_for.end()) {
    reasons.push_back("the weights were trained for " + Joined(manifest.trained_for) + ", not for the sequence '" +
                      sequence + "'");
  }
}

}  // namespace

std::vector<std::string> OutOfDomain(const std::string& sequence, const AxisMap& axes, const ModelManifest& manifest) {
  std::vector<std::string> reasons;
  CheckSequence(sequence, manifest, reasons);
  const Vec3 spacing = axes.SpacingMm();
  const double coarser = std::max(spacing.y, spacing.x);
  const double finer = std::min(spacing.y, spacing.x);
  if (manifest.grid_rule == GridRule::kSpacing && coarser > kMostCoarser * manifest.spacing_mm) {
    reasons.push_back("voxels of " + Mm(coarser) + " in the slice are more than twice as large as the network's " +
                      Mm(manifest.spacing_mm));
  }
  if (coarser > kMostUnequal * finer) {
    reasons.push_back("voxels of " + Mm(spacing.y) + " by " + Mm(spacing.x) + " in the slice are far from square");
  }
  if (axes.Size().z < kFewestSlices) {
    reasons.push_back("only " + std::to_string(axes.Size().z) + " slices along the slice axis");
  }
  return reasons;
}

}  // namespace dinsd
