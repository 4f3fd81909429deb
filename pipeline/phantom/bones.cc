#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

void AddBone(Anatomy& body, const Shape& shape, float cortex_mm, const Tissue& marrow) {
  body.paints.push_back({shape, 0, tissue::kCortex});
  body.paints.push_back({shape, cortex_mm, marrow});
}

void AddSkull(Anatomy& body) {
  body.paints.push_back({Shape::Ellipsoid({0, 6, 738}, {71, 87, 88}), 0, tissue::kCortex});
  body.paints.push_back({Shape::Ellipsoid({0, 6, 738}, {65, 81, 82}), 0, tissue::kFluid});
  for (const float side : {-1.0F, 1.0F}) {
    body.paints.push_back({Shape::Ellipsoid({side * 29, 6, 741}, {34, 78, 77}), 0, tissue::kBrain});
    body.paints.push_back({Shape::Ellipsoid({side * 11, 5, 748}, {5, 30, 14}, side * 0.4F), 0, tissue::kFluid});
    body.paints.push_back({Shape::Ellipsoid({side * 24, 45, 690}, {26, 26, 20}), 0, tissue::kBrain});
    body.paints.push_back({Shape::Ellipsoid({side * 31, -70, 712}, {12, 12, 12}), 0, tissue::kFluid});
    body.paints.push_back({Shape::Ellipsoid({side * 22, -60, 680}, {14, 14, 15}), 0, tissue::kCortex});
    body.paints.push_back({Shape::Ellipsoid({side * 22, -60, 677}, {9, 10, 8}), 0, tissue::kGland});
    body.paints.push_back({Shape::Ellipsoid({side * 54, -5, 655}, {11, 16, 24}), 0, tissue::kGland});
    AddBone(body, Shape::Capsule({side * 48, -10, 660}, {side * 12, -70, 628}, 9, 9), 3, tissue::kRedMarrow);
  }
  body.paints.push_back({Shape::Ellipsoid({0, -45, 645}, {24, 30, 16}), 0, tissue::kMuscle});
  body.paints.push_back({Shape::Capsule({0, -30, 665}, {0, -22, 540}, 8, 9), 0, tissue::kAir});
  for (const float side : {-1.0F, 1.0F})
    body.paints.push_back({Shape::Ellipsoid({side * 16, -25, 575}, {9, 9, 20}), 0, tissue::kGland});
}

void AddSpine(Anatomy& body) {
  for (int level = 0; level < 24; ++level) {
    const auto n = static_cast<float>(level);
    const float z = level < 7 ? 640 - 15 * n : 535 - 24.5F * (n - 7);
    const float wide = level < 7 ? 12 : 13 + 0.6F * (n - 7);
    const float tall = level < 7 ? 6.2F : 9.2F + 0.15F * (n - 7);
    AddBone(body, Shape::Ellipsoid({0, 16, z}, {wide + 3, 17, tall + 1.5F}), 1.6F, tissue::kRedMarrow);
    body.paints.push_back({Shape::Ellipsoid({0, 16, z - tall - 2.6F}, {wide - 2, 13, 3.2F}), 0, tissue::kDisc});
    for (const float side : {-1.0F, 1.0F})
      AddBone(body, Shape::Capsule({side * 12, 44, z}, {side * 30, 46, z - 3}, 6, 5), 2, tissue::kRedMarrow);
  }
  for (int i = 0; i < 5; ++i) {  // sacrum
    const auto n = static_cast<float>(i);
    AddBone(body, Shape::Ellipsoid({0, 40 + 5 * n, 96 - 19 * n}, {42 - 7 * n, 15, 10}), 2, tissue::kRedMarrow);
  }
  const std::vector<BodyPoint> canal = {{0, 32, 680}, {0, 36, 560}, {0, 42, 330}, {0, 36, 170}, {0, 48, 70}};
  body.AddTube(canal, 9.5F, 8.5F, tissue::kFluid);
  body.AddTube({canal[0], canal[1], canal[2], {0, 39, 240}}, 5, 4.5F, tissue::kCord);
}

void AddRibs(Anatomy& body, CounterRandom& random) {
  for (int rib = 0; rib < 11; ++rib) {
    const auto n = static_cast<float>(rib);
    const float z = 530 - 24.5F * n, reach = rib < 3 ? 85 + 18 * n : 126 + 0.5F * n;
    const auto drop = static_cast<float>(random.Uniform(34, 44));
    for (const float side : {-1.0F, 1.0F}) {
      std::vector<BodyPoint> arc;
      for (int step = 0; step <= 12; ++step) {
        const float t = static_cast<float>(step) / 12, angle = 0.25F + t * 2.3F;
        arc.push_back({side * reach * std::sin(angle), 82 * std::cos(angle), z - drop * t});
      }
      body.AddTube(arc, 6, 5, tissue::kCortex);
      body.AddTube(arc, 3.8F, 2.8F, tissue::kRedMarrow);
    }
  }
  AddBone(body, Shape::Capsule({0, -84, 500}, {0, -82, 370}, 13, 9, 1.8F), 2, tissue::kRedMarrow);
}

void AddLimbBones(Anatomy& body, float side) {
  const Tissue& marrow = tissue::kLimbMarrow;
  AddBone(body, Shape::Capsule({side * 18, -60, 535}, {side * 140, 0, 548}, 7, 7), 2.5F, marrow);
  AddBone(body, Shape::Ellipsoid({side * 95, 70, 470}, {42, 5, 58}, side * 0.25F), 1.6F, tissue::kRedMarrow);
  AddBone(body, Shape::Ellipsoid({side * 168, 10, 525}, {23, 22, 24}), 2, marrow);
  AddBone(body, Shape::Capsule({side * 178, 10, 505}, {side * 198, 14, 290}, 12, 11), 4, marrow);
  AddBone(body, Shape::Ellipsoid({side * 199, 14, 278}, {26, 13, 15}), 2, marrow);
  AddBone(body, Shape::Capsule({side * 191, 14, 262}, {side * 195, 4, 35}, 8, 8), 3, marrow);
  AddBone(body, Shape::Capsule({side * 208, 14, 262}, {side * 214, 4, 35}, 7, 9), 3, marrow);
  AddBone(body, Shape::Ellipsoid({side * 207, 2, 10}, {17, 9, 14}), 1.5F, marrow);
  AddBone(body, Shape::Ellipsoid({side * 88, 36, 92}, {44, 20, 50}, side * -0.7F), 3, tissue::kRedMarrow);
  AddBone(body, Shape::Ellipsoid({side * 98, 22, 45}, {30, 26, 30}), 3, tissue::kRedMarrow);
  AddBone(body, Shape::Capsule({side * 70, -22, 28}, {side * 10, -48, 0}, 10, 10), 2.5F, tissue::kRedMarrow);
  AddBone(body, Shape::Capsule({side * 66, 40, 10}, {side * 50, 28, -25}, 13, 12), 2.5F, tissue::kRedMarrow);
  AddBone(body, Shape::Ellipsoid({side * 100, 14, 38}, {23, 23, 23}), 1.8F, tissue::kRedMarrow);
  AddBone(body, Shape::Capsule({side * 105, 14, 32}, {side * 136, 14, 8}, 14, 18), 3, marrow);
  AddBone(body, Shape::Capsule({side * 132, 10, -8}, {side * 78, 6, -350}, 17, 16), 5.5F, marrow);
  AddBone(body, Shape::Ellipsoid({side * 76, 8, -385}, {41, 28, 27}), 2, marrow);
  AddBone(body, Shape::Ellipsoid({side * 75, -38, -385}, {20, 9, 22}), 2, marrow);
  AddBone(body, Shape::Ellipsoid({side * 74, 8, -428}, {38, 26, 15}), 2, marrow);
  AddBone(body, Shape::Capsule({side * 73, 4, -445}, {side * 66, 18, -745}, 17, 13), 4.5F, marrow);
  AddBone(body, Shape::Capsule({side * 104, 22, -440}, {side * 90, 24, -755}, 7, 7), 3, marrow);
  AddBone(body, Shape::Ellipsoid({side * 68, 16, -755}, {21, 17, 15}), 2, marrow);
  AddBone(body, Shape::Ellipsoid({side * 70, 20, -792}, {22, 26, 17}), 2, marrow);
  AddBone(body, Shape::Ellipsoid({side * 70, -45, -800}, {24, 38, 12}), 2, marrow);
}

// Joint fluid: bright and thin, beside cartilage.
void AddJoints(Anatomy& body, CounterRandom& random) {
  for (const float side : {-1.0F, 1.0F}) {
    const auto some = [&](float mm) { return mm * static_cast<float>(random.Uniform(0.6, 1.6)); };
    body.paints.push_back({Shape::Ellipsoid({side * 76, -20, -348}, {some(24), some(7), some(26)}), 0, tissue::kFluid});
    body.paints.push_back({Shape::Ellipsoid({side * 75, 8, -410}, {34, 22, some(2.4F)}), 0, tissue::kFluid});
    body.paints.push_back({Shape::Ellipsoid({side * 66, 40, -405}, {some(9), some(9), some(20)}), 0, tissue::kFluid});
    body.paints.push_back({Shape::Capsule({side * 78, 14, 50}, {side * 110, 14, 64}, 2, some(3)), 0, tissue::kFluid});
    body.paints.push_back({Shape::Ellipsoid({side * 148, 8, 540}, {some(6), 12, some(10)}), 0, tissue::kFluid});
    body.paints.push_back({Shape::Ellipsoid({side * 68, 16, -774}, {17, 16, some(2.5F)}), 0, tissue::kFluid});
    body.paints.push_back({Shape::Ellipsoid({side * 199, 14, 262}, {18, 10, some(2)}), 0, tissue::kFluid});
  }
}

}  // namespace

void AddBones(Anatomy& body, std::uint64_t seed) {
  CounterRandom random(seed, kBoneStream);
  // Lungs and the belly lie inside ribs and muscle, so they come before the ribs and before everything in the belly.
  for (const float side : {-1.0F, 1.0F}) {
    body.paints.push_back({Shape::Ellipsoid({side * 68, 2, 410}, {56, 74, 118}, side * -0.12F), 0, tissue::kLung});
    body.paints.push_back({Shape::Ellipsoid({side * 62, 4, 470}, {44, 62, 72}, side * -0.2F), 0, tissue::kLung});
  }
  body.paints.push_back({Shape::Capsule({0, -14, 260}, {0, -10, 110}, 112, 104, 1.55F), 0, tissue::kFat});
  body.paints.push_back({Shape::Ellipsoid({0, -6, 40}, {62, 52, 60}), 0, tissue::kFat});
  for (const float side : {-1.0F, 1.0F})  // psoas
    body.paints.push_back({Shape::Capsule({side * 32, 22, 210}, {side * 78, -4, 40}, 13, 22), 0, tissue::kMuscle});
  AddSkull(body);
  AddRibs(body, random);
  AddSpine(body);
  for (const float side : {-1.0F, 1.0F}) AddLimbBones(body, side);
  AddJoints(body, random);
}

}  // namespace dinsd
