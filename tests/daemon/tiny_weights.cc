#include "tests/daemon/tiny_weights.h"

#include "model/dins_network.h"
#include "model/weights_file.h"

namespace dinsd {

void WriteTinyWeights(const std::filesystem::path& file, std::uint64_t seed,
                      const std::optional<IntervalCalibration>& interval) {
  ModelManifest manifest;
  manifest.width = 2;
  manifest.sigma_unit = SigmaUnit::kNetworkVoxel;
  manifest.grid_rule = GridRule::kSpacing;
  manifest.spacing_mm = 8;
  manifest.training_crop = {4, 32, 32};
  manifest.trained_for = {"nothing"};
  manifest.training_data = "none: random numbers";
  manifest.licence = "MIT";
  manifest.created_by = "a test";
  manifest.interval = interval;
  if (interval) manifest.click_hold.reach_mm = 10;
  SaveWeights(file, DinsNetwork::Initialised(manifest.width, DimVariant::kBoth, seed), manifest, StoredAs::kFloat32);
}

}  // namespace dinsd
