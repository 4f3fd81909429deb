#pragma once

#include "pipeline/phantom/body_point.h"

namespace dinsd {

/// A smooth solid of which the phantom's body is built: an ellipsoid, or a capsule whose radius changes from end to
/// end. Distances are in mm, negative inside, exact on the surface and good near it.
class Shape {
 public:
  /// `turn` radians in the coronal plane, from x towards z.
  [[nodiscard]] static Shape Ellipsoid(BodyPoint centre, BodyPoint radii, float turn = 0);
  /// `flat` > 1 makes it thinner from front to back by that factor.
  [[nodiscard]] static Shape Capsule(BodyPoint a, BodyPoint b, float radius_a, float radius_b, float flat = 1);

  [[nodiscard]] float Distance(BodyPoint p) const { return is_capsule_ ? CapsuleDistance(p) : EllipsoidDistance(p); }
  [[nodiscard]] const BodyBox& box() const { return box_; }

 private:
  [[nodiscard]] float EllipsoidDistance(BodyPoint p) const;
  [[nodiscard]] float CapsuleDistance(BodyPoint p) const;

  bool is_capsule_ = false;
  BodyPoint a_;  // centre, or one end
  BodyPoint b_;  // radii, or the way from one end to the other
  float radius_a_ = 0;
  float radius_b_ = 0;
  float inverse_square_ = 0;  // of the capsule's length
  float flat_ = 1;
  float cos_ = 1;
  float sin_ = 0;
  BodyBox box_;
};

}  // namespace dinsd
