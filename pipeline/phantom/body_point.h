#pragma once

#include <cmath>

namespace dinsd {

/// A place or a direction in mm: x to the patient's left, y to the back, z to the head (LPS). Of the scanner, or of the
/// phantom's body at rest, as the context says.
struct BodyPoint {
  float x = 0;
  float y = 0;
  float z = 0;

  friend BodyPoint operator+(BodyPoint a, BodyPoint b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend BodyPoint operator-(BodyPoint a, BodyPoint b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend BodyPoint operator*(float k, BodyPoint a) { return {k * a.x, k * a.y, k * a.z}; }
};

[[nodiscard]] inline float Dot(BodyPoint a, BodyPoint b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
[[nodiscard]] inline float Length(BodyPoint a) {
  return std::sqrt(Dot(a, a));
}
[[nodiscard]] inline BodyPoint Mix(BodyPoint a, BodyPoint b, float t) {
  return a + t * (b - a);
}

/// A box with sides along the axes; both corners belong to it.
struct BodyBox {
  BodyPoint low;
  BodyPoint high;

  [[nodiscard]] BodyBox Grown(float mm) const {
    return {{low.x - mm, low.y - mm, low.z - mm}, {high.x + mm, high.y + mm, high.z + mm}};
  }
  [[nodiscard]] bool Holds(BodyPoint p) const {
    return p.x >= low.x && p.x <= high.x && p.y >= low.y && p.y <= high.y && p.z >= low.z && p.z <= high.z;
  }
};

/// The smallest box around both.
[[nodiscard]] inline BodyBox Enclose(const BodyBox& a, const BodyBox& b) {
  return {{std::fmin(a.low.x, b.low.x), std::fmin(a.low.y, b.low.y), std::fmin(a.low.z, b.low.z)},
          {std::fmax(a.high.x, b.high.x), std::fmax(a.high.y, b.high.y), std::fmax(a.high.z, b.high.z)}};
}

}  // namespace dinsd
