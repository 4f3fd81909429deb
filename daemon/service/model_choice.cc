#include "daemon/service/model_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "config/load_settings.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/word_pattern.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

// A header may hold any text: the word of a sequence is short.
constexpr std::size_t kLongestSequence = 64;

bool SequenceMatches(const std::string& expression, const std::string& sequence) {
  if (expression.empty()) return true;
  return sequence.size() <= kLongestSequence && MatchesWord(expression, sequence);
}

bool IsWithin(double value, double least, double most) {
  return value >= least && value <= most;
}

bool GridMatches(const ModelSettings& conditions, const GridGeometry& grid) {
  const AxisMap axes = ChooseAxes(grid, AxisRule::kSliceAxis);
  const Vec3 spacing = axes.SpacingMm();
  const bool orientation_fits =
      conditions.orientation == SliceOrientation::kAny || conditions.orientation == OrientationOf(grid);
  return orientation_fits && IsWithin(spacing.z, conditions.min_slice_spacing_mm, conditions.max_slice_spacing_mm) &&
         IsWithin(spacing.y, conditions.min_pixel_spacing_mm, conditions.max_pixel_spacing_mm) &&
         IsWithin(spacing.x, conditions.min_pixel_spacing_mm, conditions.max_pixel_spacing_mm);
}

}  // namespace

std::vector<ServedModel> ServeModels(const std::vector<ModelSettings>& models) {
  std::vector<ServedModel> served;
  for (const ModelSettings& model : models) {
    try {
      const std::vector<std::byte> bytes = ReadFileBytes(model.weights.parent_path(), model.weights.filename(),
                                                         std::numeric_limits<std::uint32_t>::max());
      served.push_back({model.weights.stem(), {model.weights, Sha256Hex(bytes)}, model});
    } catch (const InputError& error) {
      throw ConfigError({std::string("[[model]] weights: ") + error.what()});
    }
  }
  return served;
}

const ServedModel* ChooseModel(const std::vector<ServedModel>& models, const StudyImage& image) {
  const auto found = std::find_if(models.begin(), models.end(), [&](const ServedModel& model) {
    return SequenceMatches(model.conditions.sequence, image.sequence) && GridMatches(model.conditions, image.grid);
  });
  return found == models.end() ? nullptr : &*found;
}

SliceOrientation OrientationOf(const GridGeometry& grid) {
  const std::size_t axis = ChooseAxes(grid, AxisRule::kSliceAxis).source[0];
  std::size_t along = 0;
  for (std::size_t world = 1; world < 3; ++world) {
    if (std::abs(grid.direction.at(3 * world + axis)) > std::abs(grid.direction.at(3 * along + axis))) along = world;
  }
  constexpr std::array<SliceOrientation, 3> kAcross = {SliceOrientation::kSagittal, SliceOrientation::kCoronal,
                                                       SliceOrientation::kAxial};
  return kAcross.at(along);
}

}  // namespace dinsd
