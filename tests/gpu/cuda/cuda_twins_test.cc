// The CUDA twins against their CPU references. They need a build with DINSD_WITH_CUDA and a device.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "gpu/guide_map.h"
#include "gpu/resample.h"
#include "tests/random.h"

#ifdef DINSD_WITH_CUDA
#include <cuda_runtime.h>

namespace dinsd {
namespace {

template <typename T>
class DeviceArray {
 public:
  explicit DeviceArray(std::size_t count) : count_(count) { EXPECT_EQ(cudaMalloc(&data_, count * sizeof(T)), 0); }
  explicit DeviceArray(const std::vector<T>& host) : DeviceArray(host.size()) {
    EXPECT_EQ(cudaMemcpy(data_, host.data(), count_ * sizeof(T), cudaMemcpyHostToDevice), 0);
  }
  ~DeviceArray() { cudaFree(data_); }
  DeviceArray(const DeviceArray&) = delete;
  DeviceArray& operator=(const DeviceArray&) = delete;

  [[nodiscard]] T* data() { return static_cast<T*>(data_); }
  [[nodiscard]] std::vector<T> ToHost() const {
    std::vector<T> host(count_);
    EXPECT_EQ(cudaMemcpy(host.data(), data_, count_ * sizeof(T), cudaMemcpyDeviceToHost), 0);
    return host;
  }

 private:
  void* data_ = nullptr;
  std::size_t count_;
};

class CudaTwins : public testing::Test {
 protected:
  void SetUp() override {
    int devices = 0;
    if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) GTEST_SKIP() << "no CUDA device";
  }
};

TEST_F(CudaTwins, GuideMapEqualsTheReferenceWithinItsTolerance) {
  TestRandom random(71);
  const Size3 size{20, 330, 210};
  const GuideMapOptions options{.sigma = {1.5, 8, 6}, .gamma = 0.9};
  for (const int count : {0, 1, 40}) {
    std::vector<Vec3> points;
    for (int k = 0; k < count; ++k) points.push_back({random.Unit() * 19, random.Unit() * 329, random.Unit() * 209});
    std::vector<float> expected(size.VoxelCount());
    ExponentialGuideMapAt(size, points, options, expected);
    DeviceArray<float> out(size.VoxelCount());
    ExponentialGuideMapCuda(size, points, options, out.data(), nullptr);
    const std::vector<float> got = out.ToHost();
    float worst = 0;
    for (std::size_t v = 0; v < got.size(); ++v) worst = std::max(worst, std::abs(got[v] - expected[v]));
    EXPECT_LE(worst, kGuideMapAbsTolerance) << count << " clicks";
  }
}

TEST_F(CudaTwins, LinearResamplingEqualsTheReferenceWithinItsTolerance) {
  TestRandom random(72);
  const Size3 in_size{7, 128, 91};
  std::vector<float> in(in_size.VoxelCount());
  for (float& v : in) v = static_cast<float>(random.Unit() * 1000 - 200);
  for (const EdgeRule edge : {EdgeRule::kReference, EdgeRule::kClamp}) {
    for (const Size3 out_size : {Size3{7, 320, 160}, Size3{10, 64, 48}, in_size}) {
      const std::vector<float> expected = ResampleLinear(in, in_size, out_size, edge);
      DeviceArray<float> from(in);
      DeviceArray<float> to(out_size.VoxelCount());
      ResampleLinearCuda(from.data(), in_size, out_size, edge, to.data(), nullptr);
      const std::vector<float> got = to.ToHost();
      float worst = 0;
      for (std::size_t v = 0; v < got.size(); ++v) worst = std::max(worst, std::abs(got[v] - expected[v]));
      EXPECT_LE(worst, 1000 * kResampleRelTolerance);
    }
  }
}

TEST_F(CudaTwins, NearestResamplingEqualsTheReferenceVoxelByVoxel) {
  TestRandom random(73);
  const Size3 in_size{9, 128, 448};
  std::vector<std::uint8_t> in(in_size.VoxelCount());
  for (auto& v : in) v = static_cast<std::uint8_t>(random.Below(3));
  const Size3 out_size{12, 320, 320};
  for (const EdgeRule edge : {EdgeRule::kReference, EdgeRule::kClamp}) {
    DeviceArray<std::uint8_t> from(in);
    DeviceArray<std::uint8_t> to(out_size.VoxelCount());
    ResampleNearestCuda<std::uint8_t>(from.data(), in_size, out_size, edge, to.data(), nullptr);
    EXPECT_EQ(to.ToHost(), ResampleNearest<std::uint8_t>(in, in_size, out_size, edge));
  }
}

}  // namespace
}  // namespace dinsd
#else
TEST(CudaTwins, AreNotInThisBuild) {
  GTEST_SKIP() << "built without CUDA (the `cuda` preset builds the twins)";
}
#endif
