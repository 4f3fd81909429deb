#include "pipeline/prompt/side_check.h"

#include <algorithm>
#include <limits>

namespace dinsd {
namespace {

// The x of voxels along one row of i: x0 + i * step.
struct RowX {
  double x0 = 0, step = 0;
};

RowX RowAt(const GridGeometry& grid, std::int64_t j, std::int64_t k) {
  const double x0 = LpsFromIndex(grid, {0, static_cast<double>(j), static_cast<double>(k)})[0];
  return {x0, grid.direction[0] * grid.spacing[0]};
}

double MeanX(const GridGeometry& grid, const std::vector<ResolvedClick>& clicks, int& positive) {
  double sum = 0;
  positive = 0;
  for (const ResolvedClick& click : clicks) {
    if (click.sign != Polarity::kPositive) continue;
    const auto& v = click.ijk;
    sum += LpsFromIndex(grid, {static_cast<double>(v[0]), static_cast<double>(v[1]), static_cast<double>(v[2])})[0];
    ++positive;
  }
  return positive == 0 ? 0 : sum / positive;
}

bool IsOnOtherSide(const std::string& laterality, double x, double middle) {
  if (laterality == "L") return x < middle - kSideToleranceMm;
  return laterality == "R" && x > middle + kSideToleranceMm;
}

}  // namespace

std::optional<double> BodyMiddleX(const Volume& volume) {
  const GridGeometry& grid = volume.grid;
  double sum = 0, count = 0;
  double least = std::numeric_limits<double>::infinity(), most = -least;
  auto voxel = volume.voxels.begin();
  for (std::int64_t k = 0; k < grid.size[2]; ++k) {
    for (std::int64_t j = 0; j < grid.size[1]; ++j) {
      const RowX row = RowAt(grid, j, k);
      for (std::int64_t i = 0; i < grid.size[0]; ++i, ++voxel) {
        if (!(*voxel > 0)) continue;
        const double x = row.x0 + static_cast<double>(i) * row.step;
        sum += x;
        ++count;
        least = std::min(least, x);
        most = std::max(most, x);
      }
    }
  }
  if (count == 0 || most - least < kLeastBodyWidthMm) return std::nullopt;
  return sum / count;
}

void FlagSideConflicts(const Volume& volume, const Prompts& prompts, ResolvedPrompts& resolved) {
  const bool is_any_sided = std::any_of(prompts.lesions.begin(), prompts.lesions.end(), [](const PromptLesion& lesion) {
    return lesion.laterality == "L" || lesion.laterality == "R";
  });
  const std::optional<double> middle = is_any_sided ? BodyMiddleX(volume) : std::nullopt;
  if (!middle) return;
  std::size_t conflicts = 0;
  for (std::size_t k = 0; k < resolved.lesions.size(); ++k) {
    int positive = 0;
    const double x = MeanX(volume.grid, resolved.lesions[k].clicks, positive);
    if (positive == 0 || !IsOnOtherSide(prompts.lesions.at(k).laterality, x, *middle)) continue;
    resolved.lesions[k].flags.emplace_back("side_conflict");
    ++conflicts;
  }
  if (conflicts == 0) return;
  resolved.warnings.push_back(std::to_string(conflicts) + " of " + std::to_string(resolved.lesions.size()) +
                              " lesions lie on the other side of the body than their laterality says (side_conflict): "
                              "left and right of the clicks file and of the image may be mixed up");
}

}  // namespace dinsd
