#include "daemon/work/self_test.h"

#include <cmath>
#include <string>

namespace dinsd {
namespace {

constexpr Size3 kSize{4, 32, 32};

NetworkInput KnownInput() {
  NetworkInput input{.size = kSize};
  const auto voxels = static_cast<std::size_t>(kSize.z * kSize.y * kSize.x);
  for (std::size_t v = 0; v < voxels; ++v) {
    const auto at = static_cast<float>(v);
    input.image.push_back(std::sin(at * 0.37F) + 0.2F * std::sin(at * 0.011F));
    input.positive_guide.push_back(v == voxels / 2 ? 1.0F : 0.0F);
    input.negative_guide.push_back(v == voxels / 5 ? 1.0F : 0.0F);
  }
  return input;
}

}  // namespace

void RunSelfTest(Segmenter& segmenter) {
  const NetworkInput input = KnownInput();
  const ProbabilityMap first = segmenter.Run(input);
  const ProbabilityMap second = segmenter.Run(input);
  if (first.tumour.size() != input.image.size() || second.tumour.size() != input.image.size()) {
    throw SelfTestError("self-test: the network's output has another size than its input");
  }
  for (std::size_t v = 0; v < first.tumour.size(); ++v) {
    const float value = first.tumour[v];
    if (!(value >= 0.0F && value <= 1.0F)) throw SelfTestError("self-test: a probability is not in [0, 1]");
    if (!(std::abs(value - second.tumour[v]) <= kSelfTestTolerance)) {
      throw SelfTestError("self-test: two runs over the same input differ by " +
                          std::to_string(std::abs(value - second.tumour[v])));
    }
  }
}

}  // namespace dinsd
