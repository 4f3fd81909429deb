#include "daemon/service/patient_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "daemon/publish/result_index.h"
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

TEST(PatientFolderNameTest, ItsKeyNamesNobody) {
  const std::string name = PatientFolderName("trial", "P-1"), key = PatientKeyOf(name);
  EXPECT_EQ(key.size(), 8U);
  EXPECT_EQ(name, "P-1." + key);
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

  PatientReportsTest() { daemon.weights = fs::path(kSourceFolder) / "model/weights/dins-body.safetensors"; }

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
  ASSERT_EQ(Report().at("left_out").size(), 1U);
  EXPECT_EQ(Report().at("left_out").at(0).at("job"), 3);
  EXPECT_EQ(Report().at("left_out").at(0).at("study_date"), "2022-03-15");
  EXPECT_THAT(Report().at("left_out").at(0).at("reason").get<std::string>(), HasSubstr("withdrawn"));
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

// A report of two timepoints that stands beside three results would be taken for today's.
TEST_F(PatientReportsTest, WhereItCannotBeMadeNoOldOneStands) {
  Drop("t1");
  daemon.Start();
  daemon.WaitForState("t1", "done");
  Drop("t2");
  daemon.WaitForState("t2", "done");
  WaitForTimepoints(2);
  std::ofstream(Place() / "notes.txt") << "of a person";
  Drop("t3");
  daemon.WaitForState("t3", "done");
  daemon.WaitUntil("the failure is logged with its reason", [&] {
    return daemon.Log().find(R"(reason="its place holds files of others")") != std::string::npos;
  });
  EXPECT_THAT(daemon.Log(), HasSubstr(PatientKeyOf(Place().filename())));
  EXPECT_THAT(daemon.Log(), Not(HasSubstr("PHANTOM")));
  EXPECT_FALSE(fs::exists(Place() / "longitudinal.html"));
  EXPECT_TRUE(fs::exists(Place() / "notes.txt"));
  fs::remove(Place() / "notes.txt");
  daemon.Send(SIGHUP);
  WaitForTimepoints(3);
}

TEST_F(PatientReportsTest, AStartRemovesReportsOfPatientsThatThereAreNoMoreAndNothingElse) {
  const fs::path patients = daemon.Path("results/patients");
  for (const char* name : {"GONE.12345678", "mine", ".GONE.12345678.staging-1"})
    fs::create_directories(patients / name);
  for (const char* file : {"GONE.12345678/longitudinal.html", "GONE.12345678/stamp.txt", "mine/longitudinal.html",
                           ".GONE.12345678.staging-1/longitudinal.html"})
    std::ofstream(patients / file) << "x\n";
  daemon.Start();
  daemon.WaitUntil("it is gone", [&] { return !fs::exists(patients / "GONE.12345678"); });
  EXPECT_FALSE(fs::exists(patients / ".GONE.12345678.staging-1"));
  EXPECT_TRUE(fs::exists(patients / "mine/longitudinal.html")) << "it bears no stamp";
}

// What makes the reports is one of the children's programs.
TEST_F(PatientReportsTest, DinsMustLieBesideTheDaemon) {
  const fs::path bin = daemon.Path("bin");
  fs::create_directory(bin);
  fs::copy_file(Programs() / "dinsd", bin / "dinsd");
  for (const char* program : {"dinsd-reader", "dinsd-worker", "dinsd-receiver"})
    fs::create_symlink(Programs() / program, bin / program);
  daemon.WriteSettings();
  const std::string log = daemon.Path("second-log");
  const std::string line =
      (bin / "dinsd").string() + " --check --config " + daemon.Path("dinsd.toml").string() + " > " + log + " 2>&1";
  EXPECT_NE(std::system(line.c_str()), 0);
  EXPECT_THAT(Content(log), HasSubstr("dins is missing beside dinsd"));
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

  const std::string one = "history report --jobs 1" + results + " --out " + out;
  EXPECT_EQ(Dins(one + "/").status, 0) << "a slash behind its name is the same folder";
  const json report = json::parse(std::ifstream(out + "/longitudinal.json"));
  EXPECT_EQ(report.at("timepoints").size(), 1U);
  EXPECT_EQ(report.at("left_out").at(0).at("reason"), "it is not among the jobs that were named");
  std::ofstream(out + "/notes.txt") << "of a person";
  EXPECT_THAT(Dins(one).output, HasSubstr("'notes.txt'"));
  EXPECT_TRUE(fs::exists(out + "/notes.txt"));

  // Whose the jobs are is never taken from the jobs alone where somebody was named.
  EXPECT_EQ(
      Dins("history report --patient PHANTOM-small-3 --jobs 1" + results + " --out " + daemon.Path("named").string())
          .status,
      0);
  for (const char* whose : {"--patient nobody", "--issuer nobody", "--patients nowhere"}) {
    const Ran other = Dins(std::string("history report ") + whose + " --jobs 1,2" + results + " --out " +
                           daemon.Path("other").string());
    EXPECT_EQ(other.status, 1) << whose;
    EXPECT_THAT(other.output,
                HasSubstr("OTHER_PATIENT: job 1 [" + std::string(whose).substr(0, std::string(whose).find(' ')) + "]"));
  }
  EXPECT_FALSE(fs::exists(daemon.Path("other")));
  EXPECT_THAT(
      Dins("history report --jobs 1,2 --baseline 2099-01-01" + results + " --out " + daemon.Path("late").string())
          .output,
      HasSubstr("NO_BASELINE"));

  // The same name in another watched folder is another patient.
  fs::copy(daemon.Path("results"), daemon.Path("copy"), fs::copy_options::recursive);
  ResultIndex index(daemon.Path("copy/index.csv"));
  IndexRow moved = index.Find(2, 1).value();
  moved.path = daemon.Path("elsewhere/t2");
  (void)index.Add(moved);
  index.Write();
  const Ran mixed = Dins("history report --jobs 1,2 --results " + daemon.Path("copy").string() + " --out " +
                         daemon.Path("mixed").string());
  EXPECT_NE(mixed.status, 0);
  EXPECT_THAT(mixed.output, HasSubstr("OTHER_PATIENT: job 2"));
  EXPECT_FALSE(fs::exists(daemon.Path("mixed")));

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
