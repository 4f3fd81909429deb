#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/segmenter.h"
#include "pipeline/prompt/resolve.h"
#include "pipeline/read/volume.h"

namespace dinsd {

using Ijk = std::array<std::int64_t, 3>;

/// A grid without rotation: i to the left, j to the back, k to the head.
inline GridGeometry PlainGrid(const Ijk& size, const std::array<double, 3>& spacing = {1, 1, 1}) {
  GridGeometry grid;
  grid.size = size;
  grid.spacing = spacing;
  return grid;
}

/// A dense array on a grid, k slowest.
template <typename T>
class Painting {
 public:
  Painting(const GridGeometry& grid, T ground) : size_(grid.SizeZyx()), voxels(size_.VoxelCount(), ground) {}

  T& At(const Ijk& v) { return voxels[Offset(size_, {v[2], v[1], v[0]})]; }

  /// Fills the half-open box of voxels.
  Painting& Box(const Ijk& begin, const Ijk& end, T value) {
    for (std::int64_t k = begin[2]; k < end[2]; ++k) {
      for (std::int64_t j = begin[1]; j < end[1]; ++j) {
        for (std::int64_t i = begin[0]; i < end[0]; ++i) At({i, j, k}) = value;
      }
    }
    return *this;
  }

 private:
  Size3 size_;

 public:
  std::vector<T> voxels;
};

inline ResolvedClick Plus(const Ijk& ijk) {
  return {ijk, Polarity::kPositive};
}
inline ResolvedClick Minus(const Ijk& ijk) {
  return {ijk, Polarity::kNegative};
}

inline ResolvedPrompts PromptsOfLesions(std::vector<std::vector<ResolvedClick>> clicks) {
  ResolvedPrompts prompts;
  for (auto& of_lesion : clicks) {
    std::string id = "L";
    id += std::to_string(prompts.lesions.size() + 1);
    prompts.lesions.push_back({.id = std::move(id), .clicks = std::move(of_lesion)});
  }
  return prompts;
}

/// Tumour where a function of the image and the guides says so.
class FakeSegmenter : public Segmenter {
 public:
  using Rule = std::function<float(float image, float positive, float negative)>;

  explicit FakeSegmenter(Rule rule) : rule_(std::move(rule)) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    sizes.push_back(input.size);
    inputs.push_back(input);
    ProbabilityMap map{input.size, {}};
    for (std::size_t at = 0; at < input.image.size(); ++at) {
      map.tumour.push_back(rule_(input.image[at], input.positive_guide[at], input.negative_guide[at]));
    }
    return map;
  }

  std::vector<Size3> sizes;  // of each pass
  std::vector<NetworkInput> inputs;

 private:
  Rule rule_;
};

/// Tumour wherever the normalised image is bright.
inline float BrightIsTumour(float image, float, float) {
  return image > 0.5F ? 0.9F : 0.1F;
}

}  // namespace dinsd
