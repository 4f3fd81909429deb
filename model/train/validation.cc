#include "model/train/validation.h"

#include <algorithm>
#include <numeric>

#include "gpu/connected_components.h"
#include "gpu/mask_ops.h"
#include "gpu/overlap.h"
#include "model/interaction.h"
#include "model/train/training_clicks.h"
#include "model/train/training_guide.h"

namespace dinsd {
namespace {

constexpr int kClicks = 10;
constexpr std::size_t kSmallestLesion = 25;  // voxels: 1 mL at 2 x 2 x 10 mm
constexpr std::size_t kLesionsPerCase = 12;
constexpr std::uint64_t kClickSeed = 7;

struct Window {
  Index3 begin;
  Size3 size;
};

struct Stretch {
  std::int64_t begin, length;
};

// A stretch of at least `least` voxels, a multiple of `step`, round [low, high] inside 0 .. whole.
Stretch Round(std::int64_t low, std::int64_t high, std::int64_t least, std::int64_t step, std::int64_t whole) {
  const std::int64_t needed = (high - low + 1 + step - 1) / step * step;
  const std::int64_t length = std::min(whole, std::max(least, needed));
  return {std::clamp((low + high + 1 - length) / 2, std::int64_t{0}, whole - length), length};
}

Window WindowOf(const std::vector<std::size_t>& lesion, const Size3& whole, const Size3& least) {
  Index3 low = IndexAt(whole, lesion.front()), high = low;
  for (const std::size_t at : lesion) {
    const Index3 v = IndexAt(whole, at);
    low = {std::min(low.z, v.z), std::min(low.y, v.y), std::min(low.x, v.x)};
    high = {std::max(high.z, v.z), std::max(high.y, v.y), std::max(high.x, v.x)};
  }
  const Stretch z = Round(low.z, high.z, least.z, 2, whole.z), y = Round(low.y, high.y, least.y, 16, whole.y),
                x = Round(low.x, high.x, least.x, 16, whole.x);
  return {{z.begin, y.begin, x.begin}, {z.length, y.length, x.length}};
}

Crop CutOut(const PreparedCase& from, const Window& window) {
  Crop crop{window.size, {}, {}, true};
  for (std::int64_t z = 0; z < window.size.z; ++z) {
    for (std::int64_t y = 0; y < window.size.y; ++y) {
      const auto at =
          static_cast<std::ptrdiff_t>(Offset(from.size, {window.begin.z + z, window.begin.y + y, window.begin.x}));
      crop.image.insert(crop.image.end(), from.image.begin() + at, from.image.begin() + at + window.size.x);
      crop.mask.insert(crop.mask.end(), from.mask.begin() + at, from.mask.begin() + at + window.size.x);
    }
  }
  return crop;
}

// The lesion's voxels in the window's own order.
std::vector<std::uint8_t> InWindow(const std::vector<std::size_t>& lesion, const Size3& whole, const Window& window) {
  std::vector<std::uint8_t> mask(window.size.VoxelCount());
  for (const std::size_t at : lesion) {
    const Index3 v = IndexAt(whole, at);
    const Index3 inside{v.z - window.begin.z, v.y - window.begin.y, v.x - window.begin.x};
    if (Contains(window.size, inside)) mask[Offset(window.size, inside)] = 1;
  }
  return mask;
}

// Cases of earlier versions do not say how large their voxels are.
Vec3 VoxelOf(const PreparedCase& c) {
  return c.image_size.VoxelCount() > 0 ? NetworkVoxelOf(c) : Vec3{1, 1, 1};
}

std::vector<std::uint8_t> PredictCrop(const NetworkInput& input, Segmenter& segmenter) {
  const ProbabilityMap map = segmenter.Run(input);
  std::vector<std::uint8_t> mask(map.tumour.size());
  std::transform(map.tumour.begin(), map.tumour.end(), mask.begin(), [](float p) { return p > 0.5F ? 1 : 0; });
  return mask;
}

// What of the prediction counts for one lesion.
void KeepReached(std::vector<std::uint8_t>& prediction, const Crop& crop, const std::vector<std::uint8_t>& lesion,
                 const std::vector<Click>& clicks) {
  const Components pieces = LabelComponents(prediction, crop.size, Connectivity::k26);
  std::vector<bool> is_reached(pieces.sizes.size() + 1, false);
  for (const Click& click : clicks) {
    const std::size_t at = Offset(crop.size, click.voxel);
    if (lesion[at] != 0) is_reached[static_cast<std::size_t>(pieces.labels[at])] = true;
  }
  is_reached[0] = false;
  for (std::size_t at = 0; at < prediction.size(); ++at) {
    const bool is_of_another = crop.mask[at] != 0 && lesion[at] == 0;
    prediction[at] = is_reached[static_cast<std::size_t>(pieces.labels[at])] && !is_of_another ? 1 : 0;
  }
}

double ScoreOf(const TrainingCase& from, std::size_t which, Segmenter& segmenter, const TrainOptions& options) {
  const PreparedCase& c = *from.prepared;
  const Window window = WindowOf(from.lesions[which], c.size, options.crop);
  const Crop crop = CutOut(c, window);
  CounterRandom random(kClickSeed, which);
  std::vector<Click> clicks = DrawTrainingClicks(crop, options, random);
  std::erase_if(clicks, [](const Click& click) { return click.polarity == Polarity::kNegative; });
  std::vector<std::uint8_t> prediction =
      PredictCrop(InputOf(crop, clicks, GuideRuleFor(c, options), VoxelOf(c)), segmenter);
  const std::vector<std::uint8_t> lesion = InWindow(from.lesions[which], c.size, window);
  KeepReached(prediction, crop, lesion, clicks);
  return CompareMasks(prediction, lesion).Dsc();
}

void AddSingle(const PreparedCase& c, double share, Segmenter& segmenter, const GuideRule& guide,
               ValidationScore& score) {
  const NetworkGrid grid(c.size, c.size.y, c.size.x, EdgeRule::kClamp);
  const InteractionOptions options{.stop_at_dice = 2, .max_clicks = kClicks, .guide = guide};
  const auto steps = SimulateInteraction(grid, c.image, c.mask, VoxelOf(c), segmenter, options).steps;
  const auto after = [&](std::size_t clicks) {
    return steps.empty() ? 1.0 : steps[std::min(clicks, steps.size()) - 1].dice;
  };
  score.after1 += share * after(1);
  score.after5 += share * after(5);
  score.after10 += share * after(10);
}

}  // namespace

double ValidationScore::Choosing() const {
  const double single = (after1 + after5 + after10) / 3;
  if (!lesions) return single;
  return has_single ? (single + *lesions) / 2 : *lesions;
}

std::vector<LesionScore> LesionScores(const TrainingCase& from, Segmenter& segmenter, const TrainOptions& options,
                                      std::size_t most, std::size_t smallest) {
  std::vector<std::size_t> large;
  for (std::size_t i = 0; i < from.lesions.size(); ++i) {
    if (from.lesions[i].size() >= smallest) large.push_back(i);
  }
  std::vector<LesionScore> scores;
  const std::size_t count = std::min(most, large.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t which = large[i * large.size() / count];
    scores.push_back({from.lesions[which].size(), ScoreOf(from, which, segmenter, options)});
  }
  return scores;
}

ValidationScore Validate(const std::vector<TrainingCase>& cases, Segmenter& segmenter, const TrainOptions& options) {
  ValidationScore score;
  std::vector<double> lesions;
  const auto singles =
      std::count_if(cases.begin(), cases.end(), [](const TrainingCase& c) { return !c.HasManyLesions(); });
  score.has_single = singles > 0;
  for (const TrainingCase& c : cases) {
    if (c.HasManyLesions()) {
      for (const LesionScore& s : LesionScores(c, segmenter, options, kLesionsPerCase, kSmallestLesion))
        lesions.push_back(s.dsc);
    } else {
      AddSingle(*c.prepared, 1 / static_cast<double>(singles), segmenter, GuideRuleFor(*c.prepared, options), score);
    }
  }
  if (!lesions.empty()) {
    score.lesions = std::accumulate(lesions.begin(), lesions.end(), 0.0) / static_cast<double>(lesions.size());
  }
  return score;
}

}  // namespace dinsd
