#pragma once

#include <cstdint>
#include <string>

#include "model/train/case_file.h"
#include "model/train/train_options.h"

namespace dinsd {

// A bright block on a dark ground.
inline PreparedCase Block(const std::string& name, const std::string& split) {
  PreparedCase c{"blocks", name, split, {6, 32, 48}, {}, {}};
  for (std::size_t at = 0; at < c.size.VoxelCount(); ++at) {
    const Index3 v = IndexAt(c.size, at);
    const bool is_inside = v.z >= 1 && v.z < 5 && v.y >= 8 && v.y < 24 && v.x >= 10 && v.x < 30;
    c.mask.push_back(is_inside ? 1 : 0);
    c.image.push_back((is_inside ? 1.0F : 0.0F) + 0.1F * static_cast<float>(at * 31 % 17) / 17);
  }
  return c;
}

// A second, smaller block beside it.
inline PreparedCase TwoBlocks(const std::string& name, const std::string& split) {
  PreparedCase c = Block(name, split);
  for (std::int64_t z = 1; z < 5; ++z) {
    for (std::int64_t y = 10; y < 14; ++y) {
      for (std::int64_t x = 38; x < 44; ++x) {
        c.mask[Offset(c.size, {z, y, x})] = 1;
        c.image[Offset(c.size, {z, y, x})] = 1;
      }
    }
  }
  return c;
}

inline TrainOptions SmallOptions() {
  TrainOptions options;
  options.width = 1;
  options.steps = 6;
  options.checkpoint_every = 3;
  options.validate_every = 3;
  options.threads = 1;
  options.crop = {4, 32, 32};
  options.max_error_clicks = 2;
  options.sigma = {1, 4, 4};
  return options;
}

}  // namespace dinsd
