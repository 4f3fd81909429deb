#include "pipeline/interval/shift_image.h"

#include <algorithm>
#include <utility>

namespace dinsd {
namespace {

// Along one axis, whose voxels lie `stride` apart and of which there are `length`.
std::vector<float> ShiftedAlong(const std::vector<float>& in, std::size_t stride, std::size_t length, double shift) {
  const std::ptrdiff_t step = shift < 0 ? -1 : 1;
  const auto share = static_cast<float>(shift < 0 ? -shift : shift);
  const auto last = static_cast<std::ptrdiff_t>(length) - 1;
  std::vector<float> out(in.size());
  for (std::size_t begin = 0; begin < in.size(); begin += stride * length) {
    for (std::ptrdiff_t n = 0; n <= last; ++n) {
      const auto next = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(n + step, 0, last));
      const float* a = &in[begin + static_cast<std::size_t>(n) * stride];
      const float* b = &in[begin + next * stride];
      float* to = &out[begin + static_cast<std::size_t>(n) * stride];
      for (std::size_t k = 0; k < stride; ++k) to[k] = (1 - share) * a[k] + share * b[k];
    }
  }
  return out;
}

}  // namespace

std::vector<float> Shifted(const std::vector<float>& voxels, const Size3& size, const std::array<double, 3>& shift) {
  const auto x = static_cast<std::size_t>(size.x), y = static_cast<std::size_t>(size.y),
             z = static_cast<std::size_t>(size.z);
  std::vector<float> shifted = voxels;
  if (shift[0] != 0) shifted = ShiftedAlong(shifted, 1, x, shift[0]);
  if (shift[1] != 0) shifted = ShiftedAlong(shifted, x, y, shift[1]);
  if (shift[2] != 0) shifted = ShiftedAlong(shifted, x * y, z, shift[2]);
  return shifted;
}

}  // namespace dinsd
