#include "pipeline/phantom/shape.h"

#include <algorithm>

namespace dinsd {

Shape Shape::Ellipsoid(BodyPoint centre, BodyPoint radii, float turn) {
  Shape s;
  s.a_ = centre;
  s.b_ = radii;
  s.cos_ = std::cos(turn);
  s.sin_ = std::sin(turn);
  const float wide = std::hypot(radii.x * s.cos_, radii.z * s.sin_);
  const float high = std::hypot(radii.x * s.sin_, radii.z * s.cos_);
  const BodyPoint reach = {wide, radii.y, high};
  s.box_ = {centre - reach, centre + reach};
  return s;
}

Shape Shape::Capsule(BodyPoint a, BodyPoint b, float radius_a, float radius_b, float flat) {
  Shape s;
  s.is_capsule_ = true;
  s.a_ = a;
  s.b_ = b - a;
  s.radius_a_ = radius_a;
  s.radius_b_ = radius_b;
  s.flat_ = flat;
  const BodyPoint way = {s.b_.x, s.b_.y * flat, s.b_.z};
  s.inverse_square_ = 1 / std::max(Dot(way, way), 1e-6F);
  const BodyPoint reach_a = {radius_a, radius_a / flat, radius_a}, reach_b = {radius_b, radius_b / flat, radius_b};
  s.box_ = Enclose({a - reach_a, a + reach_a}, {b - reach_b, b + reach_b});
  return s;
}

float Shape::EllipsoidDistance(BodyPoint p) const {
  const BodyPoint d = p - a_;
  const BodyPoint q = {cos_ * d.x + sin_ * d.z, d.y, cos_ * d.z - sin_ * d.x};
  const BodyPoint unit = {q.x / b_.x, q.y / b_.y, q.z / b_.z};
  const float k = Length(unit);
  const float slope = Length({unit.x / b_.x, unit.y / b_.y, unit.z / b_.z});
  if (slope < 1e-9F) return -std::min({b_.x, b_.y, b_.z});
  return k * (k - 1) / slope;
}

float Shape::CapsuleDistance(BodyPoint p) const {
  const BodyPoint d = {p.x - a_.x, (p.y - a_.y) * flat_, p.z - a_.z};
  const BodyPoint way = {b_.x, b_.y * flat_, b_.z};
  const float t = std::clamp(Dot(d, way) * inverse_square_, 0.0F, 1.0F);
  return Length(d - t * way) - (radius_a_ + t * (radius_b_ - radius_a_));
}

}  // namespace dinsd
