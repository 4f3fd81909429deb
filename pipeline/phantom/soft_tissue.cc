#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"

namespace dinsd {
namespace {

constexpr float kSkinMm = 2.2F;

// A part of the surface with the thickness of its subcutaneous fat, as a share of the patient's.
struct Part {
  Shape shape;
  float fat;
};

std::vector<Part> Trunk() {
  return {{Shape::Ellipsoid({0, 2, 728}, {77, 94, 104}), 0.35F},
          {Shape::Capsule({0, 12, 650}, {0, 14, 570}, 58, 62), 0.35F},
          {Shape::Capsule({0, 6, 575}, {0, 4, 520}, 75, 120, 1.7F), 0.5F},
          {Shape::Capsule({0, 0, 470}, {0, 0, 300}, 150, 146, 1.5F), 0.8F},
          {Shape::Capsule({0, -4, 300}, {0, -2, 140}, 146, 140, 1.42F), 1.1F},
          {Shape::Capsule({0, 0, 140}, {0, 6, 20}, 140, 158, 1.5F), 1.2F}};
}

std::vector<Part> Limbs(float side) {
  return {{Shape::Ellipsoid({side * 142, 8, 520}, {66, 60, 58}, side * -0.6F), 0.6F},
          {Shape::Capsule({side * 188, 10, 520}, {side * 200, 14, 270}, 48, 37), 0.7F},
          {Shape::Capsule({side * 200, 14, 270}, {side * 206, 2, 30}, 40, 25), 0.5F},
          {Shape::Ellipsoid({side * 208, -4, -45}, {23, 15, 72}), 0.25F},
          {Shape::Ellipsoid({side * 62, 52, -8}, {78, 52, 82}), 1.6F},
          {Shape::Capsule({side * 88, 4, 0}, {side * 74, 4, -380}, 84, 52), 1.0F},
          {Shape::Capsule({side * 74, 6, -380}, {side * 72, 14, -520}, 53, 55), 0.6F},
          {Shape::Capsule({side * 72, 14, -520}, {side * 70, 18, -760}, 55, 31), 0.5F},
          {Shape::Ellipsoid({side * 70, -28, -790}, {34, 72, 38}), 0.3F}};
}

}  // namespace

void AddSoftTissue(Anatomy& body, std::uint64_t seed) {
  CounterRandom random(seed, kSoftTissueStream);
  const auto fat_mm = static_cast<float>(random.Uniform(7, 20));
  std::vector<Part> parts = Trunk();
  for (const float side : {-1.0F, 1.0F}) {
    for (const Part& part : Limbs(side)) parts.push_back(part);
  }
  for (const Part& part : parts) body.outline.push_back(part.shape);
  for (const Part& part : parts) body.paints.push_back({part.shape, 0, tissue::kSkin});
  for (const Part& part : parts) body.paints.push_back({part.shape, kSkinMm, tissue::kFat});
  for (const Part& part : parts) body.paints.push_back({part.shape, kSkinMm + part.fat * fat_mm, tissue::kMuscle});
  body.soft_tissue_end = body.paints.size();
}

}  // namespace dinsd
