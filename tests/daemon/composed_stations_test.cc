#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>

#include "pipeline/phantom/phantom_files.h"
#include "pipeline/read/label_file.h"
#include "tests/daemon/run_dins.h"
#include "tests/folders.h"
#include "tests/temp_folder.h"

// A whole body in four stations and the series that a scanner composes of them, by the shipped weights: each station
// goes through the network by itself, at the ends of what it saw of a body, with a scale and noise of its own, and the
// figures must still be those of the whole.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class ComposedStationsTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  ComposedStationsTest() {
    const Phantom phantom = MakePhantom({.preset = PhantomPreset::kWholeBodyA, .seed = GetParam()});
    WritePhantom(phantom, folder_.path() / "stations", PhantomFormat::kNiftiAndDicom, {.count = 4});
    WritePhantom(phantom, folder_.path() / "both", PhantomFormat::kNiftiAndDicom, {.count = 4, .has_composed = true});
    Shuffle(folder_.path() / "stations/dicom");
    Shuffle(folder_.path() / "both/dicom");
  }

  // The same objects under names that say nothing, in another order.
  static void Shuffle(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".dcm") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::shuffle(files.begin(), files.end(), std::mt19937(static_cast<unsigned>(GetParam())));
    for (std::size_t n = 0; n < files.size(); ++n) fs::rename(files[n], folder / ("image" + std::to_string(n)));
  }

  json ReportOf(const std::string& study) {
    const std::string out = (folder_.path() / ("result-" + study)).string();
    const Ran ran = Dins("segment " + (folder_.path() / study / "dicom").string() + " --device cpu --weights " +
                         kSourceFolder + "/model/weights/dins-body.safetensors --interval-runs 0 --out " + out);
    EXPECT_EQ(ran.status, 0) << ran.output;
    return json::parse(ReadText(fs::path(out) / "report.json"));
  }

  // Voxels of each label.
  [[nodiscard]] std::vector<std::size_t> Counts(const std::string& file) const {
    std::vector<std::size_t> counts(100);
    for (const std::uint16_t label : ReadLabelFile(folder_.path() / "result-stations" / file).labels)
      ++counts.at(label);
    counts[0] = 0;
    return counts;
  }

  TempFolder folder_;
};

TEST_P(ComposedStationsTest, HaveTheTotalOfTheComposedSeriesAndCountNothingTwice) {
  const json stations = ReportOf("stations"), composed = ReportOf("both");
  ASSERT_EQ(stations.at("image").at("stations").size(), 4U);
  EXPECT_FALSE(composed.at("image").contains("stations")) << "the composed series is there: it alone is used";
  EXPECT_EQ(composed.at("image").at("description"), "COR STIR WHOLE BODY COMPOSED");

  const double total = stations.at("totals").at("volume_ml"), whole = composed.at("totals").at("volume_ml");
  RecordProperty("composed_ml", std::to_string(whole));
  RecordProperty("difference_percent", std::to_string(100 * (total / whole - 1)));
  EXPECT_NEAR(total, whole, 0.02 * whole) << "seed " << GetParam();

  std::vector<std::size_t> of_whole = Counts("mask.nii.gz"), of_stations(of_whole.size());
  for (const json& station : stations.at("image").at("stations")) {
    const std::vector<std::size_t> counts = Counts(station.at("mask"));
    for (std::size_t label = 0; label < counts.size(); ++label) of_stations[label] += counts[label];
  }
  EXPECT_EQ(of_stations, of_whole) << "every voxel is one station's";
  double sum = 0;
  int across = 0, in_overlap = 0;
  for (const json& lesion : stations.at("lesions")) {
    const auto flags = lesion.at("flags").get<std::vector<std::string>>();
    const bool is_flagged = std::count(flags.begin(), flags.end(), "overlap_zone") > 0;
    const bool is_across = lesion.at("stations").size() > 1;
    sum += lesion.at("volume_ml").get<double>();
    in_overlap += is_flagged ? 1 : 0;
    across += is_across ? 1 : 0;
    EXPECT_TRUE(is_flagged || !is_across) << "stations overlap at a seam";
  }
  EXPECT_NEAR(sum, total, 1e-9 * total);
  EXPECT_GT(in_overlap, 0);
  if (GetParam() == 8) {
    EXPECT_GT(across, 0) << "a seam goes through lesions of this one";
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ComposedStationsTest, testing::Values(1, 8));

}  // namespace
}  // namespace dinsd
