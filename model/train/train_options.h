#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gpu/voxel_types.h"

namespace dinsd {

/// Every figure of a training. Lengths are voxels of the network grid. Where the paper's recipe differs, its figure is
/// named.
struct TrainOptions {
  // network
  std::string network = "dins";              // see NetworkKind
  int width = 12;                            // of the first level; paper: 30; U-Net and nnU-Net: 32, DeepMedic: 30
  std::string dim = "both";                  // of DINs, see DimVariant; other networks have no choice
  std::string guide = "expdt";               // see GuideRule
  double guide_scale = 1;                    // of a distance
  double guide_alpha = 1;                    // of a blend: of the length ...
  double guide_beta = 1;                     // ... and of the intensity difference
  Vec3 sigma{1.5, 8, 8};                     // of ExpDT, z y x; paper: 1, 5, 5
  std::string sigma_unit = "network-voxel";  // or "image-voxel", "mm"
  double spacing_mm = 2;                     // in-plane size of a network voxel; cases must have been prepared with it

  // length and checkpoints
  std::uint64_t seed = 1;
  std::int64_t steps = 4000;    // paper: 250 epochs of 200 batches of 8
  std::int64_t stop_after = 0;  // ends there, while the learning rate falls as for `steps`; 0: after all of them
  std::int64_t checkpoint_every = 200;
  std::int64_t validate_every = 1000;
  int stop_patience = 0;     // validations without a lower validation loss after which training ends; 0: never
  double least_minutes = 0;  // of wall time before that
  int threads = 2;
  std::string device = "cpu";
  std::string init;                   // weights file to start from; empty: fresh weights from the seed
  std::string precision = "float32";  // of the convolutions: "float32" or "bf16"

  // cases
  std::map<std::string, double> mix;  // share of the steps by set; empty: every case is as likely as another

  // crops and augmentation
  Size3 crop{24, 80, 80};     // largest crop; smaller where the case is; paper: 10 x 512 x 160
  double tumour_share = 0.9;  // crops centred on a tumour voxel; paper: half
  double scale_min = 1.0;
  double scale_max = 1.25;
  double rotation_sd_degrees = 5;
  double gamma_min = 0.7;
  double gamma_max = 1.5;
  bool flips = true;

  // clicks
  double error_click_share = 0.5;  // steps whose clicks come from the prediction's errors (ClickChain)
  double altered_truth_share = 0;  // of such chains, in cases with one lesion: the truth itself is changed (AlterTruth)
  int max_error_clicks = 9;        // clicks that such a chain adds to its first ones
  int click_chains = 8;            // chains side by side
  int min_clicks_per_lesion = 1;   // fewest and
  int max_clicks_per_lesion = 3;   // most sampled positive clicks in each lesion of a case with several
  int max_clicks_per_sign = 10;    // of a step with sampled clicks
  int boundary_margin = 3;         // distance of a sampled click from the boundary within its slice
  int negative_band = 40;          // sampled negative clicks lie within this of the lesion, or anywhere (half each)

  // loss and optimizer
  double tumour_weight = 3;           // of the cross-entropy; background has 1
  double dice_weight = 1;             // of the soft Dice loss beside it; paper: 0
  double click_weight = 0;            // added to a voxel's weight in the cross-entropy, times the guide map there
  double lesion_dice_weight = 0;      // of the mean over lesions of each one's soft Dice; paper: 0
  double lesion_volume_weight = 0;    // of the mean over lesions of how far each one's volume is off; paper: 0
  std::string schedule = "cosine";    // "cosine", "plateau" (paper) or "polynomial" (nnU-Net)
  int warm_up_steps = 100;            // in which the learning rate rises from nothing; paper: 0
  double learning_rate = 2e-3;        // paper: 3e-4
  double final_learning_rate = 4e-5;  // paper: 1e-6
  double plateau_factor = 0.2;
  int plateau_patience = 30;       // validations without a lower validation loss; of the training where none is kept
  std::string optimizer = "adam";  // or "sgd": Nesterov momentum `beta1` (nnU-Net: 0.99), without the averaged second
                                   // moments
  double weight_decay = 0;         // added to the gradient, times the weight (nnU-Net: 3e-5)
  double gradient_clip = 0;        // largest norm of all gradients together (nnU-Net: 12); 0: no limit
  double beta1 = 0.9;
  double beta2 = 0.99;
  double average_decay = 0.998;  // of the averaged weights, which are what is kept; 0 = none (paper)

  /// Throws std::invalid_argument that names the field.
  void Check() const;
};

}  // namespace dinsd
