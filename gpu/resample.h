#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// What happens to an output voxel whose source position rounding puts just outside the input. The position of the last
/// voxel of an axis is (out-1) * ((in-1)/(out-1)), which in double arithmetic may come out above in-1.
enum class EdgeRule {
  kReference,  // it becomes 0, as in scipy.ndimage.zoom with mode "constant": parity with imported checkpoints
  kClamp,      // it is the last input voxel
};

/// Size of an axis of `n` voxels after zooming by the single-precision `factor`: round half to even, at least 1.
[[nodiscard]] std::int64_t ZoomedSize(std::int64_t n, float factor);

/// Order-1 (trilinear) resampling of `in` (in_size, axis order z y x, x fastest) to out_size with corners aligned:
/// source = k * (in-1)/(out-1) per axis, in double. Throws std::invalid_argument on empty or wrong sizes.
[[nodiscard]] std::vector<float> ResampleLinear(std::span<const float> in, const Size3& in_size, const Size3& out_size,
                                                EdgeRule edge);

/// Order-0 (nearest) resampling with the same positions; source index = floor(position + 0.5). For masks and labels.
template <typename T>
[[nodiscard]] std::vector<T> ResampleNearest(std::span<const T> in, const Size3& in_size, const Size3& out_size,
                                             EdgeRule edge);

#ifdef DINSD_WITH_CUDA
/// Largest difference between the CUDA twin of ResampleLinear and the CPU reference, relative to the largest absolute
/// input: both blend in double, in the same order up to fused multiply-add.
inline constexpr float kResampleRelTolerance = 1e-6F;

/// CUDA twins: `device_in` and `device_out` are dense arrays on the current device; the work is queued on `stream` (a
/// cudaStream_t, null = the default stream) and the call returns without waiting for it. Nearest: voxels equal to the
/// reference's; linear: within kResampleRelTolerance. Throws std::invalid_argument on empty sizes and
/// std::runtime_error with CUDA's sentence.
void ResampleLinearCuda(const float* device_in, const Size3& in_size, const Size3& out_size, EdgeRule edge,
                        float* device_out, void* stream);
template <typename T>
void ResampleNearestCuda(const T* device_in, const Size3& in_size, const Size3& out_size, EdgeRule edge, T* device_out,
                         void* stream);
#endif

/// Source position of output voxel k of an axis, or a negative number where EdgeRule::kReference puts it outside.
[[nodiscard]] double SourcePosition(std::int64_t k, std::int64_t in, std::int64_t out, EdgeRule edge);

}  // namespace dinsd
