#include "model/train/train_options.h"

#include <algorithm>
#include <stdexcept>

#include "model/dim_variant.h"
#include "model/guide_rule.h"
#include "model/network_kind.h"

namespace dinsd {
namespace {

void Require(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument("training options: " + what);
}

}  // namespace

void TrainOptions::Check() const {
  Require(width >= 1 && width <= 320, "width must be 1 to 320");
  Require(NetworkKindFrom(network).has_value(), "network must be one of " + NetworkWords());
  Require(network == "dins" || dim == "both", "dim is of the network dins; leave it out with " + network);
  Require(DimVariantFrom(dim).has_value(), "dim must be one of " + DimWords());
  Require(GuideRuleFrom(guide).has_value(), "guide must be one of " + GuideWords());
  Require(guide_scale >= 1e-6 && guide_scale <= 1e6, "guide_scale must be 1e-6 to 1e6");
  Require(
      guide_alpha >= 0 && guide_alpha <= 1e6 && guide_beta >= 0 && guide_beta <= 1e6 && guide_alpha + guide_beta > 0,
      "guide_alpha and guide_beta must be 0 to 1e6, and not both 0");
  Require(SigmaUnitFrom(sigma_unit).has_value(), "sigma_unit must be image-voxel, network-voxel or mm");
  Require(IsLegal({sigma, SigmaUnit::kNetworkVoxel}), "sigma must be 0.1 to 1000");
  Require(spacing_mm > 0, "spacing_mm must be positive");
  Require(steps >= 1, "steps must be at least 1");
  Require(stop_after >= 0 && stop_after <= steps, "stop_after must be 0 to steps");
  Require(checkpoint_every >= 1 && validate_every >= 1, "checkpoint_every and validate_every must be at least 1");
  Require(stop_patience >= 0 && least_minutes >= 0, "stop_patience and least_minutes must not be negative");
  Require(precision == "float32" || precision == "bf16", "precision must be float32 or bf16");
  Require(threads >= 1, "threads must be at least 1");
  Require(crop.z >= 2 && crop.z % 2 == 0 && crop.y >= 16 && crop.y % 16 == 0 && crop.x >= 16 && crop.x % 16 == 0,
          "crop must have even depth, rows and columns multiples of 16");
  Require(tumour_share >= 0 && tumour_share <= 1, "tumour_share must be in 0 to 1");
  Require(scale_min > 0 && scale_max >= scale_min, "scale_min and scale_max must be positive and in order");
  Require(rotation_sd_degrees >= 0, "rotation_sd_degrees must not be negative");
  Require(gamma_min > 0 && gamma_max >= gamma_min, "gamma_min and gamma_max must be positive and in order");
  Require(error_click_share >= 0 && error_click_share <= 1, "error_click_share must be in 0 to 1");
  Require(altered_truth_share >= 0 && altered_truth_share <= 1, "altered_truth_share must be in 0 to 1");
  Require(max_error_clicks >= 0 && click_chains >= 1, "max_error_clicks must be at least 0, click_chains at least 1");
  Require(max_clicks_per_sign >= 1 && min_clicks_per_lesion >= 1 && max_clicks_per_lesion >= min_clicks_per_lesion,
          "a step needs at least one click");
  Require(std::all_of(mix.begin(), mix.end(), [](const auto& share) { return share.second > 0; }),
          "mix: shares must be positive");
  Require(warm_up_steps >= 0, "warm_up_steps must not be negative");
  Require(boundary_margin >= 0 && negative_band >= 0, "margins must not be negative");
  Require(tumour_weight > 0 && dice_weight >= 0 && click_weight >= 0 && lesion_dice_weight >= 0 &&
              lesion_volume_weight >= 0,
          "loss weights must be positive");
  Require(click_weight == 0 || guide == "expdt", "click_weight needs the guide expdt");
  Require(schedule == "cosine" || schedule == "plateau" || schedule == "polynomial",
          "schedule must be cosine, plateau or polynomial");
  Require(optimizer == "adam" || optimizer == "sgd", "optimizer must be adam or sgd");
  Require(weight_decay >= 0 && gradient_clip >= 0, "weight_decay and gradient_clip must not be negative");
  Require(learning_rate > 0 && final_learning_rate >= 0 && final_learning_rate <= learning_rate,
          "learning rates must be positive and in order");
  Require(plateau_factor > 0 && plateau_factor < 1 && plateau_patience >= 1, "plateau_factor must be in 0 to 1");
  Require(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1, "betas must be in 0 to 1");
  Require(average_decay >= 0 && average_decay < 1, "average_decay must be in 0 to 1");
}

}  // namespace dinsd
