#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gpu/voxel_types.h"
#include "model/interval_calibration.h"

namespace dinsd {

/// The unit in which a guide map's sigma is given; `kImageVoxel` is the released evaluation's (guide on the image's own
/// grid, then resized), `kNetworkVoxel` the grid that the network sees, `kMm` is divided by the image spacing.
enum class SigmaUnit { kImageVoxel, kNetworkVoxel, kMm };

/// How an image is brought onto the network grid.
enum class GridRule {
  kFixedSize,  // in-plane resize to fixed_rows x fixed_columns (the reference: 960 x 320)
  kSpacing,  // in-plane resize to `spacing_mm` per voxel, each size rounded to the nearest multiple of 16, at least 16
};

/// How image axes become network axes (depth, rows, columns).
enum class AxisRule {
  kSliceAxis,  // depth = the acquisition's slices (the axis whose spacing is unlike the others'); rows, columns
               // canonical
  kWorldAxes,  // the reference: depth, rows, columns = world z, y, x by largest component, each flipped to one sign
};

/// Intensity normalisation before the network; both leave voxels <= 0 out of the statistics.
enum class Normalisation {
  kZScorePositive,          // (x - mean) / (sd + 1e-8) over voxels > 0, other voxels unchanged (the reference)
  kZScorePositiveAllVoxels  // the same statistics, applied to every voxel
};

/// How far a click that the network did not follow changes what it said. Ours, not the paper's: without it a network
/// that is sure of itself ignores a correction, and the person clicks in vain.
struct ClickHold {
  double reach_mm = 0;        // standard deviation of a correction's fall with distance; 0 = clicks are not held
  double contrast = 1;        // the same for the difference of normalised intensity to that at the click
  double confidence = 0.9;    // probability of its own class that every clicked voxel gets at least, nearly
  double size_share = 0;      // beside that reach, a second one that grows with the tumour: this share of the edge of a
                              // cube of its volume; 0 = none
  bool negative_seen = true;  // false: the network is not shown negative clicks, which then only correct what it says

  [[nodiscard]] bool IsOn() const { return reach_mm > 0; }
  friend bool operator==(const ClickHold&, const ClickHold&) = default;
};

/// One stage of a planned network: the kernel of its convolutions and the stride of its first one, z y x.
struct NetworkStage {
  Size3 kernel;
  Size3 stride;

  friend bool operator==(const NetworkStage&, const NetworkStage&) = default;
};

/// Everything that binds a weights file to the way it must be used; stored as metadata in the safetensors file.
struct ModelManifest {
  std::string architecture = "dins";
  std::string network = "dins";      // which network this is, see NetworkKind; absent in files of DINs
  std::vector<NetworkStage> stages;  // of a planned network (nnU-Net), from the finest to the coarsest
  std::string dim = "both";          // which DIM outputs the network has, see DimVariant
  int width = 30;                    // channels of the first level; level k has min(width * 2^k, 320)
  std::string guide = "expdt";       // how clicks are shown to the network, see GuideRule
  double guide_scale = 1;            // of a distance
  double guide_alpha = 1;            // of a blend: of the length ...
  double guide_beta = 1;             // ... and of the intensity difference
  Vec3 sigma{1, 5, 5};               // default spread of ExpDT, z y x
  SigmaUnit sigma_unit = SigmaUnit::kImageVoxel;
  Normalisation normalisation = Normalisation::kZScorePositive;
  GridRule grid_rule = GridRule::kFixedSize;
  std::int64_t fixed_rows = 960;
  std::int64_t fixed_columns = 320;
  double spacing_mm = 0;  // kSpacing: in-plane size of a network voxel
  AxisRule axis_rule = AxisRule::kSliceAxis;
  ClickHold click_hold;                  // off for weights that follow the paper
  int max_clicks_per_sign = 10;          // what training used in one pass
  Size3 training_crop{10, 512, 160};     // largest piece that training saw, z y x, network voxels
  std::vector<std::string> trained_for;  // sequences, lower case, such as "t1", "pet", "stir-phantom"
  std::string training_data;             // sources and licences, as sentences for the report
  std::string licence;
  std::string created_by;                       // command or importer
  std::optional<IntervalCalibration> interval;  // nothing: nobody has measured how far volumes are off
};

}  // namespace dinsd
