#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

void AddGreatVessels(Anatomy& body) {
  body.AddTube({{-10, -20, 440}, {6, -10, 468}, {18, 12, 448}, {14, 18, 300}, {8, 8, 140}}, 13, 9, tissue::kArtery);
  body.AddTube({{-22, -10, 460}, {-22, -12, 400}}, 9, 9, tissue::kVein);
  body.AddTube({{-20, 2, 330}, {-18, 4, 230}, {-14, 8, 140}}, 11, 10, tissue::kVein);
  for (const float side : {-1.0F, 1.0F}) {
    body.AddTube({{0, 8, 138}, {side * 38, 6, 84}, {side * 66, -20, 38}, {side * 80, -38, -10}}, 6, 5, tissue::kArtery);
    body.AddTube({{side * -4, 12, 136}, {side * 34, 14, 80}, {side * 58, -14, 36}, {side * 70, -36, -10}}, 7, 6,
                 tissue::kVein);
    body.AddTube({{side * 14, -14, 470}, {side * 26, -10, 540}, {side * 34, -14, 640}}, 6, 4.5F, tissue::kVein);
    body.AddTube({{side * 8, -14, 480}, {side * 24, -14, 560}, {side * 28, -12, 650}}, 4, 3, tissue::kArtery);
  }
}

void AddLimbVessels(Anatomy& body, std::uint64_t seed, float side) {
  const std::uint64_t stream = side > 0 ? 300 : 320;
  const auto vein = [&](int n, const std::vector<BodyPoint>& through, float from, float to, float wiggle) {
    body.AddTube(WindingPath(seed, stream + static_cast<std::uint64_t>(n), through, 26, wiggle), from, to,
                 tissue::kVein);
  };
  vein(0, {{side * 70, -36, -10}, {side * 66, -30, -160}, {side * 62, 10, -300}, {side * 70, 32, -400}}, 5.5F, 4.5F, 2);
  vein(1, {{side * 70, 32, -400}, {side * 74, 34, -540}, {side * 66, 34, -740}}, 4.5F, 2.5F, 3);
  vein(2, {{side * 70, 32, -420}, {side * 84, 22, -560}, {side * 80, 20, -740}}, 3.5F, 2, 3);
  vein(3, {{side * 70, -36, -12}, {side * 40, -46, -120}, {side * 34, -14, -380}, {side * 34, -4, -740}}, 3, 2.2F, 3);
  vein(4, {{side * 30, -20, 530}, {side * 110, -10, 528}, {side * 168, 4, 470}, {side * 180, 8, 280}}, 5, 3.5F, 2);
  vein(5, {{side * 180, 8, 280}, {side * 190, -8, 170}, {side * 198, -12, 30}}, 3.2F, 2, 2);
  vein(6, {{side * 212, -20, 500}, {side * 224, -12, 300}, {side * 224, -6, 60}}, 2.4F, 1.8F, 3);
  vein(7, {{side * 66, -28, -100}, {side * 98, -6, -180}, {side * 100, 18, -280}}, 3.5F, 2, 4);
  body.AddTube(
      WindingPath(seed, stream + 12, {{side * 80, -38, -10}, {side * 72, -26, -180}, {side * 66, 26, -390}}, 40, 2), 4,
      3, tissue::kArtery);
}

void AddNodes(Anatomy& body, CounterRandom& random) {
  struct Station {
    BodyPoint centre;
    BodyPoint spread;
    int count;
  };
  const std::vector<Station> stations = {{{78, -44, -10}, {22, 12, 34}, 7},
                                         {{148, 0, 455}, {18, 22, 32}, 7},
                                         {{46, 0, 600}, {14, 26, 46}, 9},
                                         {{50, 6, 60}, {16, 16, 40}, 3},
                                         {{14, 4, 190}, {12, 12, 50}, 2}};
  const auto between = [&](float a, float b) { return static_cast<float>(random.Uniform(a, b)); };
  for (const Station& s : stations) {
    for (int i = 0; i < 2 * s.count; ++i) {
      const float side = i % 2 == 0 ? -1.0F : 1.0F;
      const BodyPoint at = {side * (s.centre.x + between(-s.spread.x, s.spread.x)),
                            s.centre.y + between(-s.spread.y, s.spread.y),
                            s.centre.z + between(-s.spread.z, s.spread.z)};
      const BodyPoint radii = {between(2.5F, 5), between(2.5F, 5), between(4, 9)};
      body.paints.push_back({Shape::Ellipsoid(at, radii, between(-0.8F, 0.8F)), 0, tissue::kNode});
    }
  }
}

}  // namespace

void AddVessels(Anatomy& body, std::uint64_t seed) {
  CounterRandom random(seed, kVesselStream);
  AddGreatVessels(body);
  for (const float side : {-1.0F, 1.0F}) AddLimbVessels(body, seed, side);
  AddNodes(body, random);
}

}  // namespace dinsd
