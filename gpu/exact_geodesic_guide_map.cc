#include <cmath>
#include <functional>
#include <limits>
#include <queue>
#include <utility>
#include <vector>

#include "gpu/geodesic_cost.h"
#include "gpu/guide_map.h"
#include "gpu/mask_ops.h"

namespace dinsd {
namespace {

struct Step {
  Index3 offset;
  double length;
};

template <typename Factor>
class CheapestPaths {
 public:
  CheapestPaths(const Size3& size, std::span<const float> intensity, const Vec3& spacing, Factor factor)
      : size_(size),
        intensity_(intensity),
        factor_(factor),
        cost_(intensity.size(), std::numeric_limits<double>::infinity()) {
    for (const Index3& o : NeighbourOffsets(Connectivity::k26)) steps_.push_back({o, StepLength(o, spacing)});
  }

  std::vector<double> From(std::span<const Index3> clicks) {
    for (const Index3& click : clicks) Reach(Offset(size_, click), 0);
    while (!front_.empty()) {
      const auto [cost, at] = front_.top();
      front_.pop();
      if (cost <= cost_[at]) Leave(at);  // else a cheaper way was found since
    }
    return std::move(cost_);
  }

 private:
  void Reach(std::size_t at, double cost) {
    if (!(cost < cost_[at])) return;
    cost_[at] = cost;
    front_.emplace(cost, at);
  }

  void Leave(std::size_t at) {
    const Index3 v = IndexAt(size_, at);
    for (const Step& step : steps_) {
      const Index3 next{v.z + step.offset.z, v.y + step.offset.y, v.x + step.offset.x};
      if (!Contains(size_, next)) continue;
      const std::size_t to = Offset(size_, next);
      const double difference = std::abs(static_cast<double>(intensity_[at]) - static_cast<double>(intensity_[to]));
      Reach(to, cost_[at] + step.length * factor_(difference));
    }
  }

  using Front = std::pair<double, std::size_t>;

  Size3 size_;
  std::span<const float> intensity_;
  Factor factor_;
  std::vector<double> cost_;
  std::vector<Step> steps_;
  std::priority_queue<Front, std::vector<Front>, std::greater<>> front_;
};

}  // namespace

void ExactGeodesicGuideMap(const Size3& size, std::span<const Index3> clicks, std::span<const float> intensity,
                           const GeodesicOptions& options, std::span<float> out) {
  if (!BeginGeodesic(size, clicks, intensity, options, 0, out)) return;
  WithStepFactor(options, [&](auto factor) {
    const std::vector<double> cost = CheapestPaths(size, intensity, options.spacing, factor).From(clicks);
    for (std::size_t at = 0; at < out.size(); ++at) out[at] = static_cast<float>(cost[at]);
  });
}

}  // namespace dinsd
