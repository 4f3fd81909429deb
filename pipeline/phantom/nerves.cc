#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

struct Route {
  const char* site;
  std::vector<BodyPoint> points;  // of the left side
  float radius;
  float capacity_ml;
};

std::vector<Route> Routes() {
  return {
      {"neck", {{14, 26, 645}, {40, 8, 615}, {48, -8, 575}}, 2, 60},
      {"brachial plexus", {{14, 26, 590}, {56, 16, 562}, {105, 12, 535}, {150, 10, 480}, {170, 10, 420}}, 3, 150},
      {"arm nerve", {{170, 10, 420}, {182, 8, 340}, {188, 4, 270}, {196, 0, 160}, {202, -4, 50}}, 2.4F, 35},
      {"lumbosacral plexus", {{16, 30, 175}, {42, 26, 130}, {56, 20, 85}, {74, -6, 40}}, 3, 300},
      {"femoral nerve", {{74, -6, 40}, {88, -34, 0}, {90, -38, -70}, {84, -30, -180}, {76, -18, -300}}, 2.5F, 200},
      {"sacral plexus", {{14, 52, 75}, {38, 50, 48}, {58, 52, 22}}, 3, 300},
      {"sciatic nerve", {{58, 52, 22}, {82, 54, -20}, {90, 42, -90}, {86, 30, -200}, {76, 30, -360}}, 4, 300},
      {"tibial nerve", {{76, 30, -360}, {72, 36, -440}, {72, 34, -560}, {64, 30, -730}}, 2.6F, 90},
      {"peroneal nerve", {{76, 30, -360}, {98, 28, -430}, {98, 10, -520}, {88, 2, -700}}, 2, 40},
  };
}

void AddRoots(Anatomy& body) {
  for (int level = 3; level < 24; ++level) {
    const auto n = static_cast<float>(level);
    const float z = level < 7 ? 632 - 15 * n : 523 - 24.5F * (n - 7);
    for (const float side : {-1.0F, 1.0F}) {
      std::vector<BodyPoint> root = {{side * 9, 38, z}, {side * 26, 34, z - 5}, {side * 46, 38, z - 14}};
      const bool is_thoracic = level >= 8 && level < 18;
      if (is_thoracic) {
        std::vector<BodyPoint> rib_nerve = {root.back()};
        for (int step = 1; step <= 8; ++step) {
          const float angle = 0.55F + 0.2F * static_cast<float>(step);
          rib_nerve.push_back(
              {side * 124 * std::sin(angle), 80 * std::cos(angle), z - 14 - 4 * static_cast<float>(step)});
        }
        body.nerves.push_back({"chest wall", rib_nerve, 1.6F, 45, false});
      }
      body.nerves.push_back({"paraspinal", std::move(root), 2.6F, is_thoracic ? 90.0F : 140.0F, false});
    }
  }
}

// Under the skin: along the outer and inner sides of limbs and the flanks, 5 to 12 mm deep.
void AddSkinNerves(Anatomy& body, CounterRandom& random) {
  struct Line {
    BodyPoint from, to;
    float radius_from, radius_to;
  };
  const std::vector<Line> lines = {{{88, 4, -30}, {76, 4, -360}, 84, 53},    {{74, 8, -400}, {70, 18, -720}, 54, 33},
                                   {{188, 10, 500}, {200, 14, 280}, 46, 38}, {{200, 12, 260}, {205, 4, 60}, 39, 27},
                                   {{0, 0, 460}, {0, -4, 160}, 150, 141},    {{0, 0, 140}, {0, 4, 10}, 141, 158}};
  for (int i = 0; i < 40; ++i) {
    const Line& line = lines[static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(lines.size()) - 1))];
    const float side = random.Unit() < 0.5 ? -1.0F : 1.0F;
    const bool is_trunk = line.from.x == 0;
    const double angle = is_trunk ? random.Uniform(-0.5, 0.5) : random.Uniform(0, 2 * M_PI);
    const auto depth = static_cast<float>(random.Uniform(5, 12));
    std::vector<BodyPoint> points;
    const double start = random.Uniform(0, 0.6);
    for (int step = 0; step <= 5; ++step) {
      const auto t = static_cast<float>(start + 0.07 * step);
      const float radius = line.radius_from + t * (line.radius_to - line.radius_from) - depth;
      const BodyPoint axis = Mix(line.from, line.to, t);
      const float flat = is_trunk ? 1.5F : 1;
      points.push_back({side * (axis.x + radius * static_cast<float>(std::cos(angle))),
                        axis.y + radius * static_cast<float>(std::sin(angle)) / flat, axis.z});
    }
    body.nerves.push_back({"subcutaneous", points, 1.5F, 18, true});
  }
}

// Off the great nerves, in muscle.
void AddMuscleBranches(Anatomy& body, CounterRandom& random) {
  const auto stray = [&](float mm) { return static_cast<float>(random.Uniform(-mm, mm)); };
  for (int i = 0; i < 24; ++i) {
    const std::vector<Route> routes = Routes();
    const Route& route =
        routes[static_cast<std::size_t>(random.Between(1, static_cast<std::int64_t>(routes.size()) - 1))];
    const auto segment =
        static_cast<std::size_t>(random.Between(0, static_cast<std::int64_t>(route.points.size()) - 2));
    BodyPoint at = Mix(route.points[segment], route.points[segment + 1], static_cast<float>(random.Unit()));
    if (random.Unit() < 0.5) at.x = -at.x;
    const BodyPoint end = at + BodyPoint{stray(34), stray(24), -20 + stray(30)};
    body.nerves.push_back(
        {"soft tissue", {at, Mix(at, end, 0.5F) + BodyPoint{stray(5), stray(5), 0}, end}, 1.6F, 70, false});
  }
}

}  // namespace

void AddNerves(Anatomy& body, std::uint64_t seed) {
  CounterRandom random(seed, kNerveStream);
  std::uint64_t stream = 400;
  for (const Route& route : Routes()) {
    for (const float side : {-1.0F, 1.0F}) {
      std::vector<BodyPoint> points = route.points;
      for (BodyPoint& p : points) p.x *= side;
      body.nerves.push_back(
          {route.site, WindingPath(seed, stream++, points, 24, 2.5F), route.radius, route.capacity_ml, false});
    }
  }
  AddRoots(body);
  AddSkinNerves(body, random);
  AddMuscleBranches(body, random);
  for (const NervePath& nerve : body.nerves) {
    body.AddTube(nerve.points, nerve.radius, nerve.radius, tissue::kNerve);
  }
}

}  // namespace dinsd
