#pragma once

#include <span>

#include "model/guide_rule.h"
#include "model/model_manifest.h"
#include "model/segmenter.h"
#include "model/train/case_file.h"
#include "model/train/crop.h"
#include "model/train/train_options.h"

namespace dinsd {

/// The guide that a training is asked for. Throws std::invalid_argument on a word that is not known.
[[nodiscard]] GuideRule GuideRuleOf(const TrainOptions& options);

/// The guide of weights as options of a training, for scoring them as training does.
void UseGuideOf(const ModelManifest& manifest, TrainOptions& options);

/// The same as GuideRuleOf with sigma in network voxels of one case. A sigma in image voxels is scaled by the size of a
/// voxel (the published training scales clicks to the network grid first and makes the map there; its evaluation makes
/// the map on the image and resamples it, which comes near). Throws std::invalid_argument that names the case where its
/// image's grid is not known and sigma needs it.
[[nodiscard]] GuideRule GuideRuleFor(const PreparedCase& prepared, const TrainOptions& options);

/// Size of a network voxel of one case in mm, z y x. Throws as GuideRuleFor does.
[[nodiscard]] Vec3 NetworkVoxelOf(const PreparedCase& prepared);

/// What the network sees of a crop (or a window of validation) and its clicks: MakeInput on a grid of the crop's own
/// size, whose voxels have `voxel_mm`. `guide` as GuideRuleFor gives it.
[[nodiscard]] NetworkInput InputOf(const Crop& crop, std::span<const Click> clicks, const GuideRule& guide,
                                   const Vec3& voxel_mm = {1, 1, 1});

}  // namespace dinsd
