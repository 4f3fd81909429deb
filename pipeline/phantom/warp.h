#pragma once

#include <cstdint>
#include <vector>

#include "pipeline/phantom/body_point.h"

namespace dinsd {

/// Takes places of the scanner to places of the body at rest: the patient's size and position, limbs turned about their
/// joints, and slow random bends that make solids look grown. Built for one seed and timepoint. Thread-safe.
class Warp {
 public:
  /// `region`: where it is needed, in scanner mm.
  Warp(std::uint64_t seed, int timepoint, const BodyBox& region);

  [[nodiscard]] BodyPoint ToBody(BodyPoint scanner) const;
  /// The inverse, to within 0.05 mm.
  [[nodiscard]] BodyPoint ToScanner(BodyPoint body) const;
  /// A scanner box that holds everything of a body box.
  [[nodiscard]] BodyBox ToScanner(const BodyBox& body) const;

 private:
  [[nodiscard]] BodyPoint ShiftAt(int i, int j, int k) const;

  BodyPoint origin_;
  int size_[3] = {0, 0, 0};
  std::vector<BodyPoint> shift_;  // body - scanner, on a lattice, x fastest
};

}  // namespace dinsd
