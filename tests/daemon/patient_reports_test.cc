#include "daemon/service/patient_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/daemon/dins_command.h"
#include "tests/daemon/test_daemon.h"
#include "tests/folders.h"

// The report over all timepoints of a patient, as the daemon keeps it, and `dins history`.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

TEST(PatientFolderNameTest, IsSafeAndTellsCirclesApart) {
  EXPECT_THAT(PatientFolderName("trial", "P-1"), testing::StartsWith("P-1."));
  EXPECT_NE(PatientFolderName("trial", "P-1"), PatientFolderName("other", "P-1"));
  EXPECT_NE(PatientFolderName("trial", "a/b"), PatientFolderName("trial", "a_b"));
  EXPECT_EQ(PatientFolderName("trial", "../x").find('/'), std::string::npos);
  EXPECT_NE(PatientFolderName("trial", ".").front(), '.');
}

/// Three visits of a phantom patient, a thigh.
class PatientReportsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    visits = new TempFolder;
    const Ran ran = Dins("phantom --preset small --seed 3 --timepoints 3 --out " + visits->path().string() + "/p");
    ASSERT_EQ(ran.status, 0) << ran.output;
  }
  static void TearDownTestSuite() {
    delete visits;
    visits = nullptr;
  }

  PatientReportsTest() { daemon.weights = fs::path(kSourceFolder) / "model/weights/dins-w12.safetensors"; }

  enum class Lesions {
    kFirst,  // alone, with a tracking UID: nothing has to be registered
    kAll
  };

  /// Puts a visit with clicks that a person verified into the watched folder at once.
  void Drop(const std::string& visit, Lesions lesions = Lesions::kFirst) const {
    const fs::path part = daemon.Path(visit + ".part");
    fs::create_directories(daemon.Path("incoming"));
    fs::copy(visits->path() / "p" / visit / "study", part, fs::copy_options::recursive);
    const fs::path sidecar = part / "image.nii.gz.prompts.json";
    json text = json::parse(std::ifstream(sidecar));
    text["provenance"]["source"] = "human";
    if (lesions == Lesions::kFirst) {
      text["lesions"] = json::array({text["lesions"][0]});
      text["lesions"][0]["trackingUID"] = "2.25.4711";
    }
    std::ofstream(sidecar) << text;
    fs::rename(part, daemon.Path("incoming") / visit);
  }

  [[nodiscard]] fs::path Place() const {
    return daemon.Path("results/patients") / PatientFolderName("incoming", "PHANTOM-small-3");
  }
  [[nodiscard]] json Report() const {
    std::ifstream in(Place() / "longitudinal.json");
    return in ? json::parse(in) : json();
  }
  void WaitForTimepoints(std::size_t count) {
    daemon.WaitUntil("a report over " + std::to_string(count) + " timepoints", [&] {
      const json report = Report();
      return report.is_object() && report.at("timepoints").size() == count;
    });
  }

  static TempFolder* visits;
  TestDaemon daemon;
};

TempFolder* PatientReportsTest::visits = nullptr;

TEST_F(PatientReportsTest, IsMadeFromTwoTimepointsOnAndMadeAgainAsTheyComeAndGo) {
  Drop("t1");
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2");
  daemon.WaitForState("t2", "done");
  WaitForTimepoints(2);
  EXPECT_TRUE(fs::exists(Place() / "longitudinal.html"));
  EXPECT_TRUE(fs::exists(Place() / "longitudinal.csv"));
  Drop("t3");
  daemon.WaitForState("t3", "done");
  WaitForTimepoints(3);
  json manifest = json::parse(std::ifstream(daemon.Path("incoming/t3/study.json")));
  manifest["patient"] = "SOMEBODY";
  std::ofstream(daemon.Path("incoming/t3/study.json")) << manifest;
  daemon.WaitForState("t3", "quarantined");
  WaitForTimepoints(2);
  EXPECT_THAT(daemon.Log(), Not(HasSubstr("PHANTOM"))) << "the log names no patient";
  manifest = json::parse(std::ifstream(daemon.Path("incoming/t2/study.json")));
  manifest["patient"] = "SOMEBODY";
  std::ofstream(daemon.Path("incoming/t2/study.json")) << manifest;
  daemon.WaitForState("t2", "quarantined");
  daemon.WaitUntil("the report is gone", [&] { return !fs::exists(Place()); });
}

// The daemon goes on, and the next start makes what is missing.
TEST_F(PatientReportsTest, ACrashOfItStopsNothingAndTheNextStartMakesIt) {
  fs::create_directories(Place());
  std::ofstream(Place() / "not-a-report.txt") << "x";
  Drop("t1");
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2");
  daemon.WaitForState("t2", "done");
  daemon.WaitUntil("the failure is logged",
                   [&] { return daemon.Log().find("report could not be made") != std::string::npos; });
  Drop("t3");
  daemon.WaitForState("t3", "done");
  daemon.Send(SIGTERM);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  fs::remove_all(Place());
  daemon.Start();
  WaitForTimepoints(3);
}

TEST_F(PatientReportsTest, CanBeSwitchedOffAndMadeByHand) {
  daemon.more_settings = "[followup]\nreports = false\n";
  Drop("t1", Lesions::kAll);
  Drop("t2", Lesions::kAll);
  daemon.Start();
  daemon.WaitForState("t1", "done");
  daemon.WaitForState("t2", "done");
  const std::string results = " --results " + daemon.Path("results").string();
  const Ran list = Dins("history list" + results);
  EXPECT_EQ(list.status, 0) << list.output;
  EXPECT_THAT(list.output, HasSubstr("PHANTOM-small-3"));
  EXPECT_THAT(list.output, HasSubstr("2021-09-15  job 2 r1  final"));
  const std::string out = daemon.Path("report").string();
  const Ran made = Dins("history report --patient PHANTOM-small-3" + results + " --out " + out + " --cache " +
                        daemon.Path("cache").string());
  EXPECT_EQ(made.status, 0) << made.output;
  EXPECT_THAT(made.output, HasSubstr("2 timepoints"));
  EXPECT_TRUE(fs::exists(out + "/longitudinal.html"));
  EXPECT_FALSE(fs::exists(daemon.Path("results/patients")));

  EXPECT_THAT(Dins("history report --patient NOBODY" + results + " --out " + out).output,
              HasSubstr("no result is of such a patient"));
  EXPECT_THAT(Dins("history report --jobs 77" + results + " --out " + out).output, HasSubstr("job 77 has no result"));
  EXPECT_THAT(Dins("history report --patient PHANTOM-small-3" + results + " --out " +
                   daemon.Path("incoming/t1/report").string())
                  .output,
              HasSubstr("inputs are never written to"));
  EXPECT_THAT(Dins("history report --patient PHANTOM-small-3" + results + " --out " + out + " --baseline soon").output,
              HasSubstr("is no date"));
}

}  // namespace
}  // namespace dinsd
