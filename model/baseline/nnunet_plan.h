#pragma once

#include <cstdint>
#include <vector>

#include "gpu/voxel_types.h"
#include "model/model_manifest.h"

namespace dinsd {

/// What nnU-Net's plan follows from: one entry a case, axis order z (slices), y, x. Sizes are those of the box round
/// the voxels that are not 0.
struct DataFingerprint {
  std::vector<Vec3> spacings_mm;
  std::vector<Size3> sizes;
};

/// nnU-Net's 3D configuration at full resolution.
struct NnunetPlan {
  Vec3 spacing_mm;                   // that every case is resampled to
  Size3 median_size;                 // of the cases at that spacing
  Size3 patch;                       // a multiple of all strides
  std::vector<NetworkStage> stages;  // from the finest to the coarsest
  std::vector<std::int64_t> features;
  std::int64_t batch = 2;
};

/// Stages for patches of `patch` voxels of `spacing_mm`, and the patch as they need it. An axis is halved while it
/// keeps at least 4 voxels and its voxel is less than twice as long as the shortest that can be halved; kernels are 3
/// along an axis from the stage on where its voxel is less than twice the shortest of all, the last stage's along all.
struct NnunetTopology {
  Size3 patch;
  std::vector<NetworkStage> stages;
};
[[nodiscard]] NnunetTopology PlanTopology(const Vec3& spacing_mm, const Size3& patch);

/// The median spacing of each axis; where an axis is more than 3 times as coarse as the others and the median image has
/// less than a third of their voxels there, that axis takes the tenth percentile. Throws std::invalid_argument without
/// a case.
[[nodiscard]] Vec3 PlanSpacing(const DataFingerprint& fingerprint);

/// Spacing, patch (as isotropic in mm as fits 256^3 voxels and the median image, made smaller until the feature maps
/// fit the memory budget), stages, features (32, doubled each stage, at most 320) and batch. `classes` with background.
/// Method: the rules of Isensee et al., Nature Methods 2021, in the form of their second version (nnunetv2, plans of
/// "3d_fullres" for its default of 8 GB); held against that program by tests/evaluation/nnunet_plan.sh.
[[nodiscard]] NnunetPlan PlanNnunet(const DataFingerprint& fingerprint, std::int64_t classes);

/// The stages for a training whose crops are given, because the machine cannot hold the plan's: PlanTopology of the
/// median spacing and of the crop, or of the median case where that is smaller.
[[nodiscard]] std::vector<NetworkStage> StagesForCrop(const DataFingerprint& prepared, const Size3& crop);

}  // namespace dinsd
