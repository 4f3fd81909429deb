#pragma once

#include <cstdint>

namespace dinsd {

/// The classical methods that the paper's Table VI holds DINs against.
enum class BaselineKind { kRandomWalker, kGraphCut, kActiveContour };

/// How far the voxels of a region are merged in the plane, see CutRegion. Walks and cuts go by steps of equal length in
/// all directions, and with thin voxels in the plane they would rather cut there.
struct RegionOptions {
  double merged_mm = 3.3;
  std::int64_t most_voxels = 300'000;  // whole bodies would take minutes for each click
};

/// Random walks for image segmentation; the weight of two neighbours is exp(-beta / (10 sd) * difference^2) + 1e-10.
struct RandomWalkerOptions {
  double beta = 500;
  double tolerance = 1e-4;  // of the conjugate gradient: residual against the right side
  int most_iterations = 10'000;
};

/// Energy of Boykov and Jolly, see MakeCutProblem.
struct GraphCutOptions {
  double region_weight = 0.1;  // of a voxel's intensity against one neighbour
  double beta = 200;           // of the neighbours' weight, as the random walker's
  int bins = 64;               // of the histograms, between the 1st and the 99th percentile of the region
  double smoothing_bins = 2;   // sd of the Gaussian that smooths them
  double even_share = 0.5;     // of a histogram that is spread over all bins
};

/// Geodesic active contour, see ActiveContour.
struct ActiveContourOptions {
  double gradient_sigma = 1;         // of the Gaussian, in steps of the region's shortest axis
  double gradient_percentile = 0.5;  // share of the voxels whose gradient is less than the one that halves the speed
  double least_speed = 1e-3;         // a front is never slower, but for barriers
  double propagation = 0.1;
  double curvature = 0.3;
  double advection = 2;
  int iterations = 60;
};

/// What a baseline goes by. The values were chosen on cases of the split "train" (RESULTS.md).
struct BaselineOptions {
  double seed_radius_mm = 6;  // of the ball of seeds that each click is
  double box_margin_mm = 10;  // by which the truth's bounding box is grown, at least one voxel
  RegionOptions region;
  RandomWalkerOptions random_walker;
  GraphCutOptions graph_cut;
  ActiveContourOptions active_contour;
};

}  // namespace dinsd
