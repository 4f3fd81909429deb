#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "model/dins_network.h"
#include "model/weights_file.h"
#include "pipeline/phantom/phantom_files.h"
#include "tests/daemon/run_dins.h"
#include "tests/temp_folder.h"

namespace dinsd {

inline std::string Content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Commands of `dins` on a small phantom (study/, truth/), with weights that nobody has trained (w.safetensors).
class DinsCommandTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempFolder;
    WritePhantom(MakePhantom({.preset = PhantomPreset::kSmall, .seed = 3}), folder->path());
    ModelManifest manifest;
    manifest.width = 2;
    manifest.grid_rule = GridRule::kSpacing;
    manifest.spacing_mm = 2.5;
    manifest.sigma = {1, 4, 4};
    manifest.sigma_unit = SigmaUnit::kNetworkVoxel;
    manifest.training_crop = {8, 48, 48};
    manifest.training_data = "none";
    manifest.licence = "MIT";
    manifest.created_by = "a test";
    SaveWeights(folder->path() / "w.safetensors", DinsNetwork::Initialised(2, DimVariant::kBoth, 7), manifest,
                StoredAs::kFloat32);
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  static std::string Path(const std::string& relative) { return (folder->path() / relative).string(); }
  static std::string Weights() { return " --device cpu --threads 1 --weights " + Path("w.safetensors"); }

  inline static TempFolder* folder = nullptr;
};

}  // namespace dinsd
