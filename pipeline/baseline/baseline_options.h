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

/// Where a form without boxes works: in windows round the positive clicks. On a whole body voxels would have to be
/// merged to 8 mm, and fronts or cuts that leak through an organ would not stop before the skin.
struct WindowOptions {
  double half_mm = 60;    // from the click to each side
  double margin_mm = 10;  // a positive click nearer to a window's side opens its own
};

/// Histograms of the seeds of each side, between the 1st and the 99th percentile of the region.
struct IntensityOptions {
  int bins = 64;
  double smoothing_bins = 2;  // sd of the Gaussian that smooths them
  double even_share = 0.1;    // of a histogram that is spread over all bins
};

/// What the weight of a step counts. kSlope: difference over spacing, as scikit-image does. kFlow: the difference
/// itself, and the weight over spacing squared, as heat flows through a voxel that is long in one direction.
enum class WalkerSteps { kSlope, kFlow };

/// Random walks for image segmentation, see WalkerProbability.
struct RandomWalkerOptions {
  double beta = 300;
  WalkerSteps steps = WalkerSteps::kFlow;  // slopes leak through 10 mm slices into the box's end slices
  double prior_weight = 0.01;  // of a voxel's prior against one neighbour on flat ground: a few clicks do not fill a
                               // large tumour without it
  IntensityOptions intensity;
  double tolerance = 1e-4;  // of the conjugate gradient: residual against the right side
  int most_iterations = 10'000;
};

/// Energy of Boykov and Jolly, see MakeCutProblem.
struct GraphCutOptions {
  double region_weight = 0.1;                     // of a voxel's intensity against one neighbour
  double beta = 200;                              // of the neighbours' weight, as the random walker's
  IntensityOptions intensity{.even_share = 0.5};  // of all seeds
};

/// Geodesic active contour, see ActiveContour.
struct ActiveContourOptions {
  double gradient_sigma = 1;         // of the Gaussian, in steps of the region's shortest axis
  double gradient_percentile = 0.5;  // share of the voxels whose gradient is less than the one that halves the speed
  double least_speed = 1e-3;         // a front is never slower, but for barriers
  double least_share = 0.05;         // a side's front is slowed by its share of the intensity, at least this,
  double share_power = 0.5;          // to this power; 1 was worse without boxes
  IntensityOptions intensity;
  double propagation = 0.1;
  double curvature = 0.3;
  double advection = 2;
  int iterations = 60;
};

/// What a baseline goes by. The values were chosen on cases of the split "train" (RESULTS.md).
struct BaselineOptions {
  double seed_radius_mm = 6;   // of the ball of seeds that each click is
  double model_radius_mm = 4;  // of the ball whose intensities are learnt: larger ones reach beyond small lesions
  double box_margin_mm = 10;   // by which the truth's bounding box is grown, at least one voxel
  RegionOptions region;
  WindowOptions window;
  RandomWalkerOptions random_walker;
  GraphCutOptions graph_cut;
  ActiveContourOptions active_contour;
};

}  // namespace dinsd
