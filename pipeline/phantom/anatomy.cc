#include "pipeline/phantom/anatomy.h"

#include <algorithm>

#include "model/train/counter_random.h"

namespace dinsd {

float Anatomy::OutlineDistance(BodyPoint p) const {
  float nearest = 1e9F;
  for (const Shape& shape : outline) nearest = std::min(nearest, shape.Distance(p));
  return nearest;
}

void Anatomy::AddTube(const std::vector<BodyPoint>& points, float radius_from, float radius_to, const Tissue& tissue) {
  const auto segments = static_cast<float>(points.size() - 1);
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    const float t = static_cast<float>(i) / segments, u = static_cast<float>(i + 1) / segments;
    const float a = radius_from + t * (radius_to - radius_from), b = radius_from + u * (radius_to - radius_from);
    paints.push_back({Shape::Capsule(points[i], points[i + 1], a, b), 0, tissue});
  }
}

std::vector<BodyPoint> WindingPath(std::uint64_t seed, std::uint64_t stream, const std::vector<BodyPoint>& through,
                                   float step, float wiggle) {
  CounterRandom random(seed, kPathStream + stream);
  const auto stray = [&] { return static_cast<float>(random.Uniform(-wiggle, wiggle)); };
  std::vector<BodyPoint> points = {through.front()};
  for (std::size_t i = 0; i + 1 < through.size(); ++i) {
    const int parts = std::max(1, static_cast<int>(std::ceil(Length(through[i + 1] - through[i]) / step)));
    for (int part = 1; part <= parts; ++part) {
      const float t = static_cast<float>(part) / static_cast<float>(parts);
      points.push_back(Mix(through[i], through[i + 1], t) + BodyPoint{stray(), stray(), stray()});
    }
  }
  return points;
}

Anatomy BuildAnatomy(std::uint64_t seed) {
  Anatomy body;
  AddSoftTissue(body, seed);
  AddBones(body, seed);
  AddOrgans(body, seed);
  AddVessels(body, seed);
  AddNerves(body, seed);
  return body;
}

}  // namespace dinsd
