#include "pipeline/segment/score.h"

#include <algorithm>
#include <limits>
#include <map>
#include <stdexcept>

#include "pipeline/read/same_grid.h"

namespace dinsd {
namespace {

struct Counts {
  std::int64_t mask = 0;
  std::int64_t truth = 0;
  std::int64_t both = 0;

  [[nodiscard]] double Dsc() const {
    return mask + truth == 0 ? 1 : 2 * static_cast<double>(both) / static_cast<double>(mask + truth);
  }
};

SizeBinScore Bin(const std::string& name, double from_ml, double to_ml, const std::vector<LesionScore>& lesions) {
  SizeBinScore bin{name, from_ml, to_ml};
  double sum = 0;
  for (const LesionScore& lesion : lesions) {
    if (lesion.truth_ml < from_ml || lesion.truth_ml >= to_ml) continue;
    ++bin.lesions;
    sum += lesion.dsc;
  }
  if (bin.lesions > 0) bin.mean_dsc = sum / bin.lesions;
  return bin;
}

}  // namespace

MaskScore ScoreMask(const LabelMap& mask, const LabelMap& truth) {
  if (!IsSameGrid(mask.grid, truth.grid, 0.05)) throw std::invalid_argument("mask and truth lie on different grids");
  Counts whole;
  std::map<std::uint16_t, Counts> by_label;
  for (std::size_t at = 0; at < truth.labels.size(); ++at) {
    const std::uint16_t m = mask.labels[at];
    const std::uint16_t t = truth.labels[at];
    if (m == 0 && t == 0) continue;
    whole.mask += m != 0 ? 1 : 0;
    whole.truth += t != 0 ? 1 : 0;
    whole.both += m != 0 && t != 0 ? 1 : 0;
    if (m != 0) ++by_label[m].mask;
    if (t != 0) ++by_label[t].truth;
    if (m == t) ++by_label[t].both;
  }
  MaskScore score;
  score.whole_dsc = whole.Dsc();
  const double ml = truth.grid.VoxelVolumeMl();
  for (const auto& [label, counts] : by_label) {
    if (counts.truth == 0) continue;
    score.lesions.push_back(
        {label, static_cast<double>(counts.truth) * ml, static_cast<double>(counts.mask) * ml, counts.Dsc()});
  }
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  score.bins = {Bin("under 1 mL", 0, 1, score.lesions), Bin("1 to 10 mL", 1, 10, score.lesions),
                Bin("10 mL and more", 10, kEndless, score.lesions)};
  score.above_1_ml = Bin("1 mL and more", 1, kEndless, score.lesions);
  return score;
}

}  // namespace dinsd
