#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace dinsd {

/// Throws std::runtime_error with CUDA's own sentence if `status` is a failure.
inline void CheckCuda(cudaError_t status, const char* what) {
  if (status != cudaSuccess) throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(status));
}

/// A small table of the host on the device, alive for the work that is queued on one stream. The copy is made before
/// the constructor returns (the source is pageable memory), the memory is given back in stream order.
template <typename T>
class CudaTable {
 public:
  CudaTable(const std::vector<T>& host, cudaStream_t stream) : stream_(stream) {
    if (host.empty()) return;
    CheckCuda(cudaMallocAsync(reinterpret_cast<void**>(&data_), host.size() * sizeof(T), stream), "device table");
    const cudaError_t copied =
        cudaMemcpyAsync(data_, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice, stream);
    if (copied != cudaSuccess) cudaFreeAsync(data_, stream);
    CheckCuda(copied, "device table");
  }
  ~CudaTable() {
    if (data_ != nullptr) cudaFreeAsync(data_, stream_);
  }
  CudaTable(const CudaTable&) = delete;
  CudaTable& operator=(const CudaTable&) = delete;

  [[nodiscard]] const T* data() const { return data_; }

 private:
  T* data_ = nullptr;
  cudaStream_t stream_;
};

inline constexpr unsigned kCudaBlock = 256;

/// Blocks of kCudaBlock threads that cover `count` voxels.
[[nodiscard]] inline unsigned CudaBlocks(std::size_t count) {
  return static_cast<unsigned>((count + kCudaBlock - 1) / kCudaBlock);
}

}  // namespace dinsd
