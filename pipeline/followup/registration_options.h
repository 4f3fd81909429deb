#pragma once

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace dinsd {

/// One pass of the deformable part: images of `working_mm`, control points `grid_mm` apart.
struct SplinePass {
  double working_mm = 4;
  double grid_mm = 48;
  int iterations = 30;
};

/// How a prior image is brought over the image of today. Method: rigid, affine, then free-form deformations (Rueckert
/// et al., IEEE TMI 18(8), 1999) from coarse to fine, each moved by less than `spline_reach` of its spacing, which
/// keeps it free of folds (Choi and Lee, Graphical Models 62, 2000); Mattes mutual information (Mattes et al., IEEE TMI
/// 22(1), 2003).
struct RegistrationOptions {
  double working_mm = 4;          // voxels of the images that are compared, all three axes
  double start_mm = 12;           // the same where the start is looked for
  int starts = 3;                 // places that the rigid part begins at; the best is kept
  int rigid_levels = 3;           // of images twice as coarse each
  int linear_iterations = 60;     // of each level
  std::int64_t samples = 30'000;  // voxels in and round the body that are compared
  int bins = 32;                  // of the joint histogram, each axis
  std::uint64_t seed = 1;         // which voxels
  std::array<SplinePass, 3> splines{{{8, 160, 25}, {8, 80, 25}, {4, 48, 30}}};
  double spline_reach = 0.4;        // of the grid's spacing, 0 to 0.4
  double slice_reach_mm = 12;       // along the slice axis, each pass: bodies move in the plane
  double bending_weight = 0.1;      // of the mean squared second difference of control points, in nats for each mm2
  bool check_round_trip = true;     // registers the other way round too, for reg_roundtrip: twice the time
  double time_limit_seconds = 600;  // beyond it REG_TIME_LIMIT is thrown; 0 = none

  double least_gain = 0.02;       // of the correlation, else reg_no_gain,
  double good_correlation = 0.9;  // unless it was this good before
  double least_jacobian = 0.5;    // outside of which reg_folding is raised
  double most_jacobian = 2;
  double folded_share = 0.005;  // of the body that may lie outside them; of folds (<= 0) nothing may
  double round_trip_mm = 10;    // beyond which, or beyond one slice spacing, reg_roundtrip is raised

  /// Throws std::invalid_argument that names the field.
  void Check() const {
    const auto want = [](bool is_good, const char* what) {
      if (!is_good) throw std::invalid_argument(std::string("registration: ") + what);
    };
    want(working_mm >= 1 && working_mm <= 20, "working_mm must be 1 to 20");
    want(start_mm >= working_mm && start_mm <= 40, "start_mm must be working_mm to 40");
    want(starts >= 1 && starts <= 10, "starts must be 1 to 10");
    want(rigid_levels >= 1 && rigid_levels <= 4, "rigid_levels must be 1 to 4");
    want(linear_iterations >= 1, "linear_iterations must be at least 1");
    want(samples >= 500, "samples must be at least 500");
    want(bins >= 8 && bins <= 256, "bins must be 8 to 256");
    want(spline_reach > 0 && spline_reach <= 0.4, "spline_reach must be above 0 and at most 0.4");
    want(slice_reach_mm >= 0, "slice_reach_mm must not be negative");
    want(bending_weight >= 0, "bending_weight must not be negative");
    want(time_limit_seconds >= 0, "time_limit_seconds must not be negative");
    want(least_jacobian > 0 && least_jacobian < 1 && most_jacobian > 1, "jacobians must enclose 1");
    want(round_trip_mm > 0, "round_trip_mm must be above 0");
    for (const SplinePass& pass : splines)
      want(pass.working_mm >= 1 && pass.grid_mm >= 4 * pass.working_mm && pass.iterations >= 0,
           "splines: a grid must be at least four of its voxels wide");
  }
};

}  // namespace dinsd
