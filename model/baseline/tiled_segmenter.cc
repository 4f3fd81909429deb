#include "model/baseline/tiled_segmenter.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace dinsd {
namespace {

// First voxels of tiles of `tile` along an axis of `whole`, at most half a tile apart.
std::vector<std::int64_t> Begins(std::int64_t whole, std::int64_t tile) {
  const std::int64_t last = whole - tile;
  const std::int64_t half = std::max<std::int64_t>(1, tile / 2);
  const std::int64_t steps = (last + half - 1) / half;
  std::vector<std::int64_t> begins;
  for (std::int64_t i = 0; i <= steps; ++i) begins.push_back(steps == 0 ? 0 : (last * i + steps / 2) / steps);
  return begins;
}

// Weight of each voxel along one axis of a tile.
std::vector<float> Bell(std::int64_t tile) {
  const double middle = static_cast<double>(tile - 1) / 2, sd = static_cast<double>(tile) / 8;
  std::vector<float> weights;
  for (std::int64_t i = 0; i < tile; ++i) {
    const double off = (static_cast<double>(i) - middle) / sd;
    weights.push_back(static_cast<float>(std::exp(-off * off / 2)));
  }
  return weights;
}

class TiledSegmenter : public Segmenter {
 public:
  TiledSegmenter(std::unique_ptr<Segmenter> inner, const Size3& tile) : inner_(std::move(inner)), tile_(tile) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    const Size3 tile{std::min(tile_.z, input.size.z), std::min(tile_.y, input.size.y), std::min(tile_.x, input.size.x)};
    if (tile == input.size) return inner_->Run(input);
    ProbabilityMap sum{input.size, std::vector<float>(input.size.VoxelCount())};
    std::vector<float> weights(sum.tumour.size());
    for (const std::int64_t z : Begins(input.size.z, tile.z)) {
      for (const std::int64_t y : Begins(input.size.y, tile.y)) {
        for (const std::int64_t x : Begins(input.size.x, tile.x)) AddTile(input, {z, y, x}, tile, sum.tumour, weights);
      }
    }
    for (std::size_t i = 0; i < weights.size(); ++i) sum.tumour[i] /= weights[i];
    return sum;
  }

 private:
  // Calls `work` with the first voxel of every row of the tile in the input and in the tile.
  template <typename Work>
  static void ForRows(const Size3& whole, const Index3& begin, const Size3& tile, const Work& work) {
    for (std::int64_t z = 0; z < tile.z; ++z) {
      for (std::int64_t y = 0; y < tile.y; ++y) {
        work(z, y, Offset(whole, {begin.z + z, begin.y + y, begin.x}), Offset(tile, {z, y, 0}));
      }
    }
  }

  static std::vector<float> CutOut(const std::vector<float>& from, const Size3& whole, const Index3& begin,
                                   const Size3& tile) {
    std::vector<float> cut(tile.VoxelCount());
    ForRows(whole, begin, tile, [&](std::int64_t, std::int64_t, std::size_t there, std::size_t here) {
      std::copy_n(&from[there], tile.x, &cut[here]);
    });
    return cut;
  }

  void AddTile(const NetworkInput& input, const Index3& begin, const Size3& tile, std::vector<float>& sum,
               std::vector<float>& weights) {
    const auto cut = [&](const std::vector<float>& from) { return CutOut(from, input.size, begin, tile); };
    const ProbabilityMap map =
        inner_->Run({tile, cut(input.image), cut(input.positive_guide), cut(input.negative_guide)});
    const std::vector<float> bell_z = Bell(tile.z), bell_y = Bell(tile.y), bell_x = Bell(tile.x);
    ForRows(input.size, begin, tile, [&](std::int64_t z, std::int64_t y, std::size_t there, std::size_t here) {
      const float row = bell_z[static_cast<std::size_t>(z)] * bell_y[static_cast<std::size_t>(y)];
      for (std::size_t x = 0; x < bell_x.size(); ++x) {
        sum[there + x] += row * bell_x[x] * map.tumour[here + x];
        weights[there + x] += row * bell_x[x];
      }
    });
  }

  std::unique_ptr<Segmenter> inner_;
  Size3 tile_;
};

class RememberingSegmenter : public Segmenter {
 public:
  explicit RememberingSegmenter(std::unique_ptr<Segmenter> inner) : inner_(std::move(inner)) {}

  ProbabilityMap Run(const NetworkInput& input) override {
    if (answer_.tumour.empty() || input.size != answer_.size || input.image != image_) {
      answer_ = inner_->Run(input);
      image_ = input.image;
    }
    return answer_;
  }

 private:
  std::unique_ptr<Segmenter> inner_;
  std::vector<float> image_;
  ProbabilityMap answer_;
};

}  // namespace

std::unique_ptr<Segmenter> InTiles(std::unique_ptr<Segmenter> inner, const Size3& tile) {
  return std::make_unique<TiledSegmenter>(std::move(inner), tile);
}

std::unique_ptr<Segmenter> OncePerImage(std::unique_ptr<Segmenter> inner) {
  return std::make_unique<RememberingSegmenter>(std::move(inner));
}

}  // namespace dinsd
