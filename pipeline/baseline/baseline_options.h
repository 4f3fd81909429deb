#pragma once

#include <cstdint>

namespace dinsd {

/// The classical methods that the paper's Table VI holds DINs against.
enum class BaselineKind { kRandomWalker, kGraphCut, kActiveContour };

/// Random walks for image segmentation; the weight of two neighbours is exp(-beta / (10 sd) * difference^2) + 1e-10.
struct RandomWalkerOptions {
  double beta = 130;
  double tolerance = 1e-5;  // of the conjugate gradient: residual against the right side
  int most_iterations = 3000;
};

/// Energy of Boykov and Jolly, see MakeCutProblem.
struct GraphCutOptions {
  double region_weight = 0.1;  // of a voxel's intensity against one neighbour
  int bins = 64;               // of the histograms, between the 1st and the 99th percentile of the region
  double smoothing_bins = 2;   // sd of the Gaussian that smooths them
  double even_share = 0.05;    // of a histogram that is spread over all bins
};

/// Geodesic active contour, see ActiveContour.
struct ActiveContourOptions {
  double gradient_sigma = 1;         // of the Gaussian, in steps of the region's shortest axis
  double gradient_percentile = 0.7;  // share of the voxels whose gradient is less than the one that halves the speed
  double least_speed = 1e-3;         // a front is never slower, but for barriers
  double propagation = 0.2;
  double curvature = 1;
  double advection = 2;
  int iterations = 60;
};

/// What a baseline goes by. The values were chosen on cases of the split "train" (RESULTS.md).
struct BaselineOptions {
  double seed_radius_mm = 4;           // of the ball of seeds that each click is
  double box_margin_mm = 10;           // by which the truth's bounding box is grown, at least one voxel
  std::int64_t most_voxels = 500'000;  // a region with more has its voxels merged in the plane
  RandomWalkerOptions random_walker;
  GraphCutOptions graph_cut;
  ActiveContourOptions active_contour;
};

}  // namespace dinsd
