#include "pipeline/phantom/lesion.h"

#include <algorithm>

namespace dinsd {
namespace {

constexpr float kCapsuleMm = 2.6F;

// The smaller of two distances with a rounded seam of width k.
float SmoothMin(float a, float b, float k) {
  const float h = std::clamp(0.5F + 0.5F * (b - a) / k, 0.0F, 1.0F);
  return b + h * (a - b) - k * h * (1 - h);
}

// low, low + step, ... up to high.
std::vector<float> Steps(float low, float high, float step) {
  std::vector<float> steps;
  float at = low;
  while (at <= high) {
    steps.push_back(at);
    at += step;
  }
  return steps;
}

}  // namespace

LesionShape::LesionShape(const LesionPlan& plan, double volume_ml, const Warp& warp, const NoiseTile& noise)
    : lobules_(plan.lobules), look_(plan.look), noise_(&noise) {
  for (Lobule& lobule : lobules_) lobule.centre = warp.ToScanner(lobule.centre);
  Fit(volume_ml);
}

LesionShape::LesionShape(const LesionPlan& plan, double volume_ml, const NoiseTile& noise)
    : lobules_(plan.lobules), look_(plan.look), noise_(&noise) {
  Fit(volume_ml);
}

float LesionShape::Distance(BodyPoint p) const {
  float distance = 1e9F;
  for (const Lobule& lobule : lobules_)
    distance = SmoothMin(distance, Length(p - lobule.centre) - lobule.radius, 0.35F * largest_);
  const float bump = 0.75F * largest_ + 2;
  const BodyPoint q = (1 / bump) * (p - centre());
  return distance + 0.13F * largest_ * noise_->At(q + BodyPoint{look_.grain_shift, 0, 0});
}

void LesionShape::Measure() {
  largest_ = 0;
  for (const Lobule& lobule : lobules_) largest_ = std::max(largest_, lobule.radius);
  box_ = {centre(), centre()};
  for (const Lobule& lobule : lobules_) {
    const BodyPoint reach = {lobule.radius, lobule.radius, lobule.radius};
    box_ = Enclose(box_, {lobule.centre - reach, lobule.centre + reach});
  }
  box_ = box_.Grown(0.3F * largest_);
  const float step = std::max(0.5F, largest_ / 9);
  double inside = 0;
  const std::vector<float> xs = Steps(box_.low.x, box_.high.x, step), ys = Steps(box_.low.y, box_.high.y, step);
  for (const float z : Steps(box_.low.z, box_.high.z, step)) {
    for (const float y : ys) {
      for (const float x : xs) inside += static_cast<double>(std::clamp(0.5F - Distance({x, y, z}) / step, 0.0F, 1.0F));
    }
  }
  volume_ml_ = inside * static_cast<double>(step) * static_cast<double>(step) * static_cast<double>(step) / 1000;
}

void LesionShape::Fit(double volume_ml) {
  Measure();
  for (int step = 0; step < 12 && std::abs(volume_ml_ / volume_ml - 1) > 0.003; ++step) {
    const auto scale = static_cast<float>(std::clamp(std::cbrt(volume_ml / std::max(volume_ml_, 1e-3)), 0.5, 2.0));
    const BodyPoint fixed = centre();
    for (Lobule& lobule : lobules_) {
      lobule.radius *= scale;
      lobule.centre = fixed + scale * (lobule.centre - fixed);
    }
    Measure();
  }
}

float LesionShape::Signal(BodyPoint p, float distance) const {
  const BodyPoint q = p - centre();
  const float depth = std::clamp(-distance / (0.6F * largest_), 0.0F, 1.0F);
  const float target = 1.12F - look_.core * depth * depth * (3 - 2 * depth) * 1.6F;
  const BodyPoint u = {0.8F * q.x + 0.6F * q.z, 0.4F * q.y, 0.8F * q.z - 0.6F * q.x};  // off the lattice's axes
  const BodyPoint w = {0.5F * q.x - 0.87F * q.z, 0.4F * q.y, 0.5F * q.z + 0.87F * q.x};
  const BodyPoint s = {look_.grain_shift, 0, 2 * look_.grain_shift};
  const float grain = noise_->At((1 / 4.6F) * u + s);
  const float clumps = noise_->At(0.1F * w + s);
  const float sheet = std::abs(noise_->At((1 / 13.0F) * u - s) + 0.6F * noise_->At((1 / 9.0F) * w - s));
  const float septum = 1 - 0.55F * std::clamp(1.7F - 1.7F * sheet / look_.septa, 0.0F, 1.0F);
  const float slope = 1 + Dot(look_.gradient, q);
  return look_.level * std::max(0.25F, target + look_.texture * (grain + 0.7F * clumps)) * septum *
         std::clamp(slope, 0.6F, 1.4F);
}

float LesionShape::CapsuleAt(BodyPoint p, float distance) const {
  if (distance > kCapsuleMm) return 0;
  const BodyPoint q = (1 / (0.8F * largest_ + 4)) * (p - centre());
  const float where = 0.5F + 0.9F * noise_->At(q + BodyPoint{3 * look_.grain_shift, 7, 0});
  return 0.85F * std::clamp((look_.capsule - where) / 0.12F, 0.0F, 1.0F) *
         std::clamp(2 - 2 * distance / kCapsuleMm, 0.0F, 1.0F);
}

}  // namespace dinsd
