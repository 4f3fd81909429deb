#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "pipeline/read/label_file.h"
#include "pipeline/write/result_folder.h"
#include "tests/daemon/dins_command.h"

// An examination in stations through the commands of a person.

namespace dinsd {
namespace {

using testing::HasSubstr;
using testing::Not;

namespace fs = std::filesystem;

class StationsCommandTest : public DinsCommandTest {
 protected:
  // A small phantom below `name`; returns the folder of its DICOM.
  static std::string MakePhantom(const std::string& name, const std::string& options) {
    const Ran ran = Dins("phantom --preset small --seed 3 --dicom --overlap 20 " + options + " --out " + Path(name));
    EXPECT_EQ(ran.status, 0) << ran.output;
    return Path(name + "/dicom");
  }

  // The same objects under names that say nothing, in another order.
  static std::string Shuffled(const std::string& dicom, const std::string& name, unsigned seed) {
    std::vector<fs::path> files;
    fs::create_directories(Path(name));
    for (const auto& entry : fs::directory_iterator(dicom)) {
      if (entry.path().extension() == ".dcm") files.push_back(entry.path());
      if (entry.path().extension() == ".json") fs::copy(entry.path(), Path(name));
    }
    std::sort(files.begin(), files.end());
    std::shuffle(files.begin(), files.end(), std::mt19937(seed));
    for (std::size_t n = 0; n < files.size(); ++n)
      fs::copy(files[n], fs::path(Path(name)) / (std::to_string(n) + ".dcm"));
    return Path(name);
  }

  static nlohmann::json Report(const std::string& result) {
    return nlohmann::json::parse(Content(Path(result + "/report.json")));
  }
};

TEST_F(StationsCommandTest, AShuffledStudyIsOneResultWithAMaskForEachSeries) {
  const std::string dicom = MakePhantom("four", "--stations 4");
  const std::string shuffled = Shuffled(dicom, "shuffled", 8);
  for (const auto& [study, out] : {std::pair{dicom, "r4"}, std::pair{shuffled, "r4s"}}) {
    const Ran ran = Dins("segment " + study + " --out " + Path(out) + Weights());
    ASSERT_EQ(ran.status, 0) << ran.output;
  }
  const nlohmann::json report = Report("r4"), other = Report("r4s");
  EXPECT_EQ(report.at("image").at("stations").size(), 4U);
  EXPECT_EQ(report.at("lesions"), other.at("lesions"));
  EXPECT_EQ(report.at("totals"), other.at("totals"));
  EXPECT_EQ(Content(Path("r4/mask.nii.gz")), Content(Path("r4s/mask.nii.gz")));
  const LabelMap whole = ReadLabelFile(Path("r4/mask.nii.gz"));
  std::vector<std::size_t> of_whole(whole.labels.size() + 1), of_stations = of_whole;
  for (const std::uint16_t label : whole.labels) ++of_whole[label];
  const auto result = nlohmann::json::parse(Content(Path("r4/result.json")));
  int station_number = 0;
  for (const nlohmann::json& station : report.at("image").at("stations")) {
    const std::vector<std::uint16_t> labels = ReadLabelFile(Path("r4/" + station.at("mask").get<std::string>())).labels;
    for (const std::uint16_t label : labels) ++of_stations[label];
    const bool is_empty = std::count(labels.begin(), labels.end(), 0) == static_cast<std::ptrdiff_t>(labels.size());
    const std::string number = std::to_string(++station_number);
    for (const char* object : {"seg", "rtstruct"}) {
      const std::string file = std::string("dicom/").append(object).append("-station-").append(number).append(".dcm");
      EXPECT_EQ(result.at("files").contains(file), !is_empty) << file;
    }
  }
  EXPECT_TRUE(result.at("files").contains("dicom/sr.dcm"));
  of_whole[0] = of_stations[0] = 0;
  EXPECT_EQ(of_stations, of_whole) << "every voxel is in one station's mask";
  EXPECT_TRUE(result.at("files").contains("mask_station_4.nii.gz"));
  EXPECT_NE(VerifyResultFolder(Path("r4"), result.at("jobKey")), "");
}

TEST_F(StationsCommandTest, ExplainTellsTheStations) {
  const std::string shuffled = Shuffled(MakePhantom("explained", "--stations 3"), "explained_shuffled", 9);
  const Ran ran = Dins("explain " + shuffled + Weights().substr(0, Weights().find(" --threads")) + " --weights " +
                       Path("w.safetensors"));
  ASSERT_EQ(ran.status, 0) << ran.output;
  for (const char* words : {"TAKEN     3 stations: 64x", "taken: 3 stations of one examination",
                            "station 1 of 3, counted from the head", "station 3: mode: "}) {
    EXPECT_THAT(ran.output, HasSubstr(words));
  }
}

TEST_F(StationsCommandTest, TheComposedSeriesAloneIsUsed) {
  const std::string dicom = MakePhantom("composed", "--stations 4 --composed");
  const Ran ran = Dins("segment " + dicom + " --out " + Path("rc") + Weights());
  ASSERT_EQ(ran.status, 0) << ran.output;
  const nlohmann::json report = Report("rc");
  EXPECT_FALSE(report.at("image").contains("stations"));
  EXPECT_EQ(report.at("image").at("description"), "COR STIR WHOLE BODY COMPOSED");
  for (const nlohmann::json& lesion : report.at("lesions")) EXPECT_FALSE(lesion.contains("stations"));
  EXPECT_FALSE(fs::exists(Path("rc/mask_station_1.nii.gz")));

  for (const auto& entry : fs::directory_iterator(dicom)) {
    if (entry.path().extension() == ".json") fs::rename(entry.path(), Path("clicks.prompts.json"));
  }
  const Ran explained = Dins("explain " + dicom + " --weights " + Path("w.safetensors"));
  EXPECT_THAT(explained.output, HasSubstr("taken: rule \"composed coronal STIR or fat-suppressed T2\"\n"))
      << "by the rules, with no clicks to name it";
  EXPECT_THAT(
      explained.output,
      HasSubstr("not taken: rule \"composed coronal STIR or fat-suppressed T2\": it is not composed of stations"));
  EXPECT_THAT(explained.output, Not(HasSubstr("stations:")));
}

TEST_F(StationsCommandTest, StationsThatAreNoWholeAreRefusedByName) {
  const std::string dicom = MakePhantom("gap", "--stations 4");
  for (const auto& entry : fs::directory_iterator(dicom)) {
    if (entry.path().filename().string().starts_with("ST3_")) fs::remove(entry.path());
  }
  const Ran ran = Dins("segment " + dicom + " --out " + Path("rg") + Weights());
  EXPECT_EQ(ran.status, 1);
  EXPECT_THAT(ran.output, HasSubstr("STATION_OVERLAP"));
  EXPECT_FALSE(fs::exists(Path("rg")));
}

TEST_F(StationsCommandTest, PhantomWantsDicomAndAnOverlapThatFits) {
  EXPECT_NE(Dins("phantom --preset small --stations 4 --out " + Path("no")).status, 0);
  const Ran ran = Dins("phantom --preset small --dicom --stations 4 --overlap 90 --out " + Path("no"));
  EXPECT_NE(ran.status, 0);
  EXPECT_THAT(ran.output, HasSubstr("overlap"));
}

}  // namespace
}  // namespace dinsd
