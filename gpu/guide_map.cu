#include <stdexcept>
#include <vector>

#include "gpu/cuda_array.cuh"
#include "gpu/guide_map.h"

namespace dinsd {
namespace {

// exp(-x) is below the smallest normal single-precision number from here on, as in the CPU reference.
constexpr double kLargestExponent = 87.0;

struct Rate {  // 1 / (2 sigma^2) per axis
  double z, y, x;
};

// One thread a voxel: the nearest click decides, since the exponential falls with the exponent. Differences are taken
// in double, because a scaled click at row 1,000 has no room for its fraction in single precision.
__global__ void ExponentialKernel(Size3 size, const Vec3* points, int count, Rate rate, float gamma, float* out) {
  const auto at = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at >= size.z * size.y * size.x) return;
  const auto x = static_cast<double>(at % size.x);
  const auto y = static_cast<double>(at / size.x % size.y);
  const auto z = static_cast<double>(at / (size.x * size.y));
  double least = 2 * kLargestExponent;
  for (int k = 0; k < count; ++k) {
    const double dz = z - points[k].z, dy = y - points[k].y, dx = x - points[k].x;
    least = min(least, dz * dz * rate.z + dy * dy * rate.y + dx * dx * rate.x);
  }
  out[at] = least > kLargestExponent ? 0.0F : gamma * expf(static_cast<float>(-least));
}

}  // namespace

void ExponentialGuideMapCuda(const Size3& size, std::span<const Vec3> points, const GuideMapOptions& options,
                             float* device_out, void* stream) {
  options.Check();
  if (size.z <= 0 || size.y <= 0 || size.x <= 0) throw std::invalid_argument("guide map: empty grid");
  auto* const on = static_cast<cudaStream_t>(stream);
  const CudaTable<Vec3> table(std::vector<Vec3>(points.begin(), points.end()), on);
  const Vec3& s = options.sigma;
  const Rate rate{1 / (2 * s.z * s.z), 1 / (2 * s.y * s.y), 1 / (2 * s.x * s.x)};
  ExponentialKernel<<<CudaBlocks(size.VoxelCount()), kCudaBlock, 0, on>>>(
      size, table.data(), static_cast<int>(points.size()), rate, static_cast<float>(options.gamma), device_out);
  CheckCuda(cudaGetLastError(), "guide map kernel");
}

}  // namespace dinsd
