#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

void AddChestOrgans(Anatomy& body) {
  body.paints.push_back({Shape::Ellipsoid({0, 0, 450}, {26, 50, 70}), 0, tissue::kFat});
  body.paints.push_back({Shape::Ellipsoid({28, -34, 378}, {54, 42, 50}, 0.6F), 0, tissue::kHeart});
  body.paints.push_back({Shape::Ellipsoid({36, -34, 374}, {26, 22, 30}, 0.6F), 0, tissue::kArtery});
  body.paints.push_back({Shape::Ellipsoid({-4, -30, 392}, {16, 20, 24}), 0, tissue::kArtery});
  for (const float side : {-1.0F, 1.0F}) {
    body.AddTube({{side * 12, 4, 430}, {side * 48, 8, 410}, {side * 80, 12, 350}}, 7, 2, tissue::kVein);
    body.AddTube({{side * 40, 4, 425}, {side * 70, 2, 470}, {side * 84, 2, 510}}, 4.5F, 1.5F, tissue::kVein);
  }
}

void AddUpperAbdomen(Anatomy& body, CounterRandom& random) {
  body.paints.push_back({Shape::Ellipsoid({-62, -8, 268}, {78, 66, 58}, 0.25F), 0, tissue::kLiver});
  body.paints.push_back({Shape::Ellipsoid({0, -34, 288}, {62, 38, 32}, -0.1F), 0, tissue::kLiver});
  body.AddTube({{-20, 4, 262}, {-52, 2, 278}, {-88, 0, 300}}, 5, 2, tissue::kVein);
  body.AddTube({{-30, 0, 266}, {-66, -8, 254}, {-96, -4, 226}}, 4, 2, tissue::kVein);
  body.paints.push_back({Shape::Ellipsoid({-52, -44, 222}, {15, 16, 27}, 0.3F), 0, tissue::kFluid});
  body.paints.push_back({Shape::Ellipsoid({100, 30, 280}, {26, 36, 48}, -0.3F), 0, tissue::kSpleen});
  body.paints.push_back({Shape::Ellipsoid({52, -28, 270}, {42, 32, 44}, -0.5F), 0, tissue::kBowelWall});
  const auto content = static_cast<float>(random.Uniform(150, 900));
  body.paints.push_back({Shape::Ellipsoid({52, -28, 270}, {35, 26, 36}, -0.5F), 0, {content, 0.1F, 0.25F}});
  body.AddTube({{-28, -8, 222}, {10, -14, 232}, {62, 4, 246}}, 10, 8, tissue::kGland);
  for (const float side : {-1.0F, 1.0F}) {
    const BodyPoint kidney = {side * 64, 44, side > 0 ? 200.0F : 188.0F};
    body.paints.push_back({Shape::Ellipsoid(kidney, {28, 25, 54}, side * -0.2F), 0, tissue::kKidney});
    body.paints.push_back(
        {Shape::Ellipsoid(kidney + BodyPoint{side * -12, 0, 0}, {9, 9, 22}, side * -0.2F), 0, tissue::kFluid});
    body.AddTube({kidney + BodyPoint{side * -20, 0, -8}, {side * 42, 12, 120}, {side * 40, 10, 40}}, 3, 2,
                 tissue::kFluid);
  }
}

void AddBowel(Anatomy& body, std::uint64_t seed, CounterRandom& random) {
  const auto between = [&](float a, float b) { return static_cast<float>(random.Uniform(a, b)); };
  const std::vector<std::vector<BodyPoint>> colon = {
      {{-84, -20, 60}, {-92, -16, 130}, {-88, -24, 205}, {-40, -48, 190}, {20, -50, 180}, {84, -26, 225}},
      {{84, -20, 225}, {94, -8, 140}, {86, -4, 70}, {48, 6, 40}, {14, 28, 32}, {0, 36, -10}}};
  std::uint64_t stream = 0;
  const auto loop = [&](const std::vector<BodyPoint>& through, float radius, float wiggle) {
    const std::vector<BodyPoint> path = WindingPath(seed, 100 + stream++, through, 22, wiggle);
    body.AddTube(path, radius, radius, tissue::kBowelWall);
    const float inner = radius - between(2, 4);
    for (std::size_t i = 0; i + 3 < path.size(); i += 3) {
      const Tissue content{random.Unit() < 0.25 ? 20.0F : between(120, 920), 0.1F, 0.35F};
      body.AddTube({path[i], path[i + 1], path[i + 2], path[i + 3]}, inner, inner, content);
    }
  };
  for (const auto& part : colon) loop(part, 19, 5);
  for (int i = 0; i < 14; ++i) {
    const auto corner = [&] { return BodyPoint{between(-72, 72), between(-58, 14), between(58, 185)}; };
    const float radius = between(9, 13);
    loop({corner(), corner(), corner()}, radius, 12);
  }
}

void AddPelvicOrgans(Anatomy& body, CounterRandom& random) {
  const auto fill = static_cast<float>(random.Uniform(0.7, 1.25));
  body.paints.push_back({Shape::Ellipsoid({0, -22, 18}, {44 * fill, 34 * fill, 32 * fill}), 0, tissue::kMuscle});
  body.paints.push_back(
      {Shape::Ellipsoid({0, -22, 18}, {44 * fill - 4, 34 * fill - 4, 32 * fill - 4}), 0, tissue::kFluid});
  body.paints.push_back({Shape::Ellipsoid({0, 16, 12}, {30, 16, 26}, 0.3F), 0, {470, 0.1F, 0.3F}});
  for (const float side : {-1.0F, 1.0F}) {
    body.paints.push_back({Shape::Ellipsoid({side * 44, 8, 38}, {12, 11, 13}), 0, tissue::kGland});
    body.paints.push_back({Shape::Ellipsoid({side * 48, 6, 42}, {6, 5, 6}), 0, tissue::kFluid});
  }
}

}  // namespace

void AddOrgans(Anatomy& body, std::uint64_t seed) {
  CounterRandom random(seed, kOrganStream);
  AddChestOrgans(body);
  AddUpperAbdomen(body, random);
  AddBowel(body, seed, random);
  AddPelvicOrgans(body, random);
}

}  // namespace dinsd
