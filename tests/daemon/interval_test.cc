#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "tests/daemon/test_daemon.h"
#include "tests/daemon/tiny_weights.h"

// Studies that a daemon runs again to see how sure their volumes are, on a tiny network of random weights.

namespace dinsd {
namespace {

// Without a word on the sequence every study would be out of domain.
void DropOfSequence(const TestDaemon& daemon, const std::string& name, unsigned seed, const std::string& sequence) {
  daemon.Drop(".ready", seed);
  const std::filesystem::path folder = daemon.Path("incoming/.ready");
  const std::vector<std::byte> image = ReadFileBytes(folder, "image.nii.gz", 1 << 20);
  std::ofstream(folder / "study.json") << nlohmann::json{
      {"schema", "dinsd-study/1"},
      {"patient", "P-1"},
      {"studyDate", "2024-01-02"},
      {"sequence", sequence},
      {"files", {{{"name", "image.nii.gz"}, {"size", image.size()}, {"sha256", Sha256Hex(image)}}}}};
  std::filesystem::rename(folder, daemon.Path("incoming") / name);
}

nlohmann::json ReportOf(const TestDaemon& daemon, const std::string& name) {
  std::ifstream report(daemon.Path("results") / daemon.JobOf(name).at("job").dump() / "r1/report.json");
  return nlohmann::json::parse(report);
}

TEST(DaemonIntervals, AStudyIsRunAgainWithCalibratedWeights) {
  TestDaemon daemon;
  WriteTinyWeights(daemon.Path("calibrated.safetensors"), 7,
                   IntervalCalibration{.runs = 3,
                                       .volume = {.factor = 1, .floor = 0.1},
                                       .change = {.factor = 1, .floor = 0.1},
                                       .least_slices = 1,
                                       .fitted_on = "nothing"});
  daemon.weights = "calibrated.safetensors";
  daemon.interval_runs = 3;
  DropOfSequence(daemon, "one", 1, "nothing");
  DropOfSequence(daemon, "two", 2, "something else");
  daemon.Start();
  daemon.WaitForState("one", "done");
  const nlohmann::json report = ReportOf(daemon, "one"), lesion = report.at("lesions").at(0);
  EXPECT_EQ(report.at("run").at("interval").at("runs"), 3);
  EXPECT_TRUE(lesion.at("no_interval").is_null()) << lesion;
  EXPECT_EQ(lesion.at("spread").at("volumes_ml").size(), 3U);
  EXPECT_LT(lesion.at("interval").at("low_ml"), lesion.at("volume_ml"));
  EXPECT_GT(lesion.at("interval").at("high_ml"), lesion.at("volume_ml"));
  daemon.WaitForState("two", "done");
  const nlohmann::json other = ReportOf(daemon, "two");
  EXPECT_EQ(other.at("run").at("interval").at("runs"), 0);
  EXPECT_THAT(other.at("lesions").at(0).at("no_interval").get<std::string>(), testing::HasSubstr("out of domain"));
}

TEST(DaemonIntervals, AStudyIsNotRunAgainInVain) {
  TestDaemon daemon;
  daemon.interval_runs = 6;
  DropOfSequence(daemon, "one", 1, "nothing");
  daemon.Start();
  daemon.WaitForState("one", "done");
  const nlohmann::json report = ReportOf(daemon, "one"), lesion = report.at("lesions").at(0);
  EXPECT_EQ(report.at("run").at("interval").at("runs"), 0);
  EXPECT_TRUE(lesion.at("spread").is_null());
  EXPECT_THAT(lesion.at("no_interval").get<std::string>(), testing::HasSubstr("these weights are not calibrated"));
}

}  // namespace
}  // namespace dinsd
