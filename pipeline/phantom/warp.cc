#include "pipeline/phantom/warp.h"

#include <algorithm>
#include <array>

#include "model/train/counter_random.h"
#include "pipeline/phantom/anatomy.h"
#include "pipeline/phantom/noise_tile.h"

namespace dinsd {
namespace {

constexpr float kPitch = 12;  // of the lattice, mm

float SmoothStep(float low, float high, float v) {
  const float t = std::clamp((v - low) / (high - low), 0.0F, 1.0F);
  return t * t * (3 - 2 * t);
}

// One patient's build, and where the limbs lie at one timepoint.
struct Pose {
  BodyPoint shift;
  BodyPoint scale{1, 1, 1};
  std::array<float, 2> leg{};  // right, left: radians, abduction
  std::array<float, 2> knee{};
  std::array<float, 2> arm{};
  float head = 0;

  Pose(std::uint64_t seed, int timepoint) {
    CounterRandom build(seed, kPatientStream);
    CounterRandom motion(seed, kMotionStream + 64 * static_cast<std::uint64_t>(timepoint));
    const auto some = [](CounterRandom& r, double range) { return static_cast<float>(r.Uniform(-range, range)); };
    scale = {1.0F + some(build, 0.03), 1.0F + some(build, 0.04), 0.985F + some(build, 0.025)};
    shift = {some(motion, 4), some(motion, 3), some(motion, 7)};
    for (const std::size_t side : {0, 1}) {
      leg[side] = some(motion, 0.025);
      knee[side] = some(motion, 0.03);
      arm[side] = some(motion, 0.02);
    }
    head = some(motion, 0.05);
  }

  // Turns p about `joint` in the coronal plane.
  static BodyPoint Turn(BodyPoint p, BodyPoint joint, float angle) {
    const float c = std::cos(angle), s = std::sin(angle), x = p.x - joint.x, z = p.z - joint.z;
    return {joint.x + c * x - s * z, p.y, joint.z + s * x + c * z};
  }

  [[nodiscard]] BodyPoint ToBody(BodyPoint scanner) const {
    BodyPoint p = scanner - shift;
    p = {p.x / scale.x, p.y / scale.y, p.z / scale.z};
    const std::size_t left = p.x > 0 ? 1 : 0;
    const float side = p.x > 0 ? 1.0F : -1.0F;
    const float off_middle = SmoothStep(0, 30, std::abs(p.x));
    const float is_arm = SmoothStep(150, 185, std::abs(p.x)) * SmoothStep(560, 470, p.z) * SmoothStep(-160, -80, p.z);
    const float is_leg = SmoothStep(40, -90, p.z) * off_middle * (1 - is_arm);
    const float is_knee = SmoothStep(-350, -430, p.z) * off_middle;
    p = Turn(p, {side * 188, 0, 520}, side * arm[left] * is_arm);
    p = Turn(p, {side * 74, 0, -390}, side * knee[left] * is_knee);
    p = Turn(p, {side * 90, 0, 20}, side * leg[left] * is_leg);
    return Turn(p, {0, 0, 600}, head * SmoothStep(590, 670, p.z));
  }
};

BodyPoint Bend(const NoiseTile& noise, BodyPoint p) {
  const auto at = [&](float mm, float shift) {
    return noise.At({p.x / mm + shift, p.y / mm + 2 * shift, p.z / mm - shift});
  };
  return {4.5F * at(62, 3) + 2.2F * at(27, 11), 3.5F * at(62, 23) + 1.5F * at(27, 37),
          5 * at(62, 41) + 2.2F * at(27, 53)};
}

}  // namespace

Warp::Warp(std::uint64_t seed, int timepoint, const BodyBox& region) {
  const Pose pose(seed, timepoint);
  const NoiseTile noise(seed, kWarpStream);
  const BodyBox box = region.Grown(3 * kPitch);
  origin_ = box.low;
  const BodyPoint reach = box.high - box.low;
  size_[0] = static_cast<int>(reach.x / kPitch) + 2;
  size_[1] = static_cast<int>(reach.y / kPitch) + 2;
  size_[2] = static_cast<int>(reach.z / kPitch) + 2;
  shift_.reserve(static_cast<std::size_t>(size_[0]) * size_[1] * size_[2]);
  for (int k = 0; k < size_[2]; ++k) {
    for (int j = 0; j < size_[1]; ++j) {
      for (int i = 0; i < size_[0]; ++i) {
        const BodyPoint p =
            origin_ + kPitch * BodyPoint{static_cast<float>(i), static_cast<float>(j), static_cast<float>(k)};
        const BodyPoint q = pose.ToBody(p);
        shift_.push_back(q + Bend(noise, q) - p);
      }
    }
  }
}

BodyPoint Warp::ShiftAt(int i, int j, int k) const {
  return shift_[(static_cast<std::size_t>(k) * size_[1] + j) * size_[0] + i];
}

BodyPoint Warp::ToBody(BodyPoint scanner) const {
  const BodyPoint u = (1 / kPitch) * (scanner - origin_);
  const int i = std::clamp(static_cast<int>(u.x), 0, size_[0] - 2);
  const int j = std::clamp(static_cast<int>(u.y), 0, size_[1] - 2);
  const int k = std::clamp(static_cast<int>(u.z), 0, size_[2] - 2);
  const float x = u.x - static_cast<float>(i), y = u.y - static_cast<float>(j), z = u.z - static_cast<float>(k);
  const auto row = [&](int jj, int kk) { return Mix(ShiftAt(i, jj, kk), ShiftAt(i + 1, jj, kk), x); };
  return scanner + Mix(Mix(row(j, k), row(j + 1, k), y), Mix(row(j, k + 1), row(j + 1, k + 1), y), z);
}

BodyPoint Warp::ToScanner(BodyPoint body) const {
  BodyPoint scanner = body;
  for (int step = 0; step < 12; ++step) scanner = scanner - (ToBody(scanner) - body);
  return scanner;
}

BodyBox Warp::ToScanner(const BodyBox& body) const {
  constexpr float kBendMm = 9;  // more than the bends between two corners
  BodyBox box{ToScanner(body.low), ToScanner(body.low)};
  for (unsigned corner = 1; corner < 8; ++corner) {
    const BodyPoint p = ToScanner(BodyPoint{(corner & 1U) != 0 ? body.high.x : body.low.x,
                                            (corner & 2U) != 0 ? body.high.y : body.low.y,
                                            (corner & 4U) != 0 ? body.high.z : body.low.z});
    box = Enclose(box, {p, p});
  }
  return box.Grown(kBendMm);
}

}  // namespace dinsd
