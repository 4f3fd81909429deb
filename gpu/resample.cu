#include <stdexcept>

#include "gpu/cuda_array.cuh"
#include "gpu/resample.h"
#include "gpu/resample_taps.h"

namespace dinsd {
namespace {

void CheckNotEmpty(const Size3& in, const Size3& out) {
  if (in.z <= 0 || in.y <= 0 || in.x <= 0 || out.z <= 0 || out.y <= 0 || out.x <= 0) {
    throw std::invalid_argument("resample: empty grid");
  }
}

__device__ double Blend(double a, double b, double weight) {
  return a * (1 - weight) + b * weight;
}

__device__ double AlongRow(const float* row, const LinearTap& x) {
  return Blend(row[x.low], row[x.high], x.weight);
}

__global__ void LinearKernel(const float* in, Size3 in_size, Size3 out_size, const LinearTap* zs, const LinearTap* ys,
                             const LinearTap* xs, float* out) {
  const auto at = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at >= out_size.z * out_size.y * out_size.x) return;
  const LinearTap& x = xs[at % out_size.x];
  const LinearTap& y = ys[at / out_size.x % out_size.y];
  const LinearTap& z = zs[at / (out_size.x * out_size.y)];
  if (x.is_outside || y.is_outside || z.is_outside) {
    out[at] = 0;
    return;
  }
  const auto row = [&](std::int64_t slice, std::int64_t line) {
    return AlongRow(in + (slice * in_size.y + line) * in_size.x, x);
  };
  const double low = Blend(row(z.low, y.low), row(z.low, y.high), y.weight);
  const double high = Blend(row(z.high, y.low), row(z.high, y.high), y.weight);
  out[at] = static_cast<float>(z.weight == 0 ? low : Blend(low, high, z.weight));
}

template <typename T>
__global__ void NearestKernel(const T* in, Size3 in_size, Size3 out_size, const std::int64_t* zs,
                              const std::int64_t* ys, const std::int64_t* xs, T* out) {
  const auto at = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
  if (at >= out_size.z * out_size.y * out_size.x) return;
  const std::int64_t x = xs[at % out_size.x];
  const std::int64_t y = ys[at / out_size.x % out_size.y];
  const std::int64_t z = zs[at / (out_size.x * out_size.y)];
  out[at] = x < 0 || y < 0 || z < 0 ? T{} : in[(z * in_size.y + y) * in_size.x + x];
}

}  // namespace

void ResampleLinearCuda(const float* device_in, const Size3& in_size, const Size3& out_size, EdgeRule edge,
                        float* device_out, void* stream) {
  CheckNotEmpty(in_size, out_size);
  auto* const on = static_cast<cudaStream_t>(stream);
  const CudaTable<LinearTap> zs(LinearTaps(in_size.z, out_size.z, edge), on);
  const CudaTable<LinearTap> ys(LinearTaps(in_size.y, out_size.y, edge), on);
  const CudaTable<LinearTap> xs(LinearTaps(in_size.x, out_size.x, edge), on);
  LinearKernel<<<CudaBlocks(out_size.VoxelCount()), kCudaBlock, 0, on>>>(device_in, in_size, out_size, zs.data(),
                                                                         ys.data(), xs.data(), device_out);
  CheckCuda(cudaGetLastError(), "linear resampling kernel");
}

template <typename T>
void ResampleNearestCuda(const T* device_in, const Size3& in_size, const Size3& out_size, EdgeRule edge, T* device_out,
                         void* stream) {
  CheckNotEmpty(in_size, out_size);
  auto* const on = static_cast<cudaStream_t>(stream);
  const CudaTable<std::int64_t> zs(NearestTaps(in_size.z, out_size.z, edge), on);
  const CudaTable<std::int64_t> ys(NearestTaps(in_size.y, out_size.y, edge), on);
  const CudaTable<std::int64_t> xs(NearestTaps(in_size.x, out_size.x, edge), on);
  NearestKernel<T><<<CudaBlocks(out_size.VoxelCount()), kCudaBlock, 0, on>>>(device_in, in_size, out_size, zs.data(),
                                                                             ys.data(), xs.data(), device_out);
  CheckCuda(cudaGetLastError(), "nearest resampling kernel");
}

template void ResampleNearestCuda(const float*, const Size3&, const Size3&, EdgeRule, float*, void*);
template void ResampleNearestCuda(const std::uint8_t*, const Size3&, const Size3&, EdgeRule, std::uint8_t*, void*);
template void ResampleNearestCuda(const std::uint16_t*, const Size3&, const Size3&, EdgeRule, std::uint16_t*, void*);

}  // namespace dinsd
