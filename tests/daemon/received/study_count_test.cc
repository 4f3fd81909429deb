#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <thread>

#include "pipeline/phantom/phantom_files.h"
#include "tests/daemon/received/receiving_daemon.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"
#include "tests/daemon/run_dins.h"
#include "tests/daemon/sending/test_pacs.h"

// A real daemon that asks a PACS of the test's own how many instances a study has that came over the network.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kAccepted = 2, kSuccess = 0;

std::string AskedAt(int port, const std::string& more = "") {
  return "count_from = \"pacs\"\n" + more +
         "[sender]\nspool_dir = \"outgoing\"\n[[destination]]\nname = \"pacs\"\nkind = \"cstore\"\n"
         "host = \"127.0.0.1\"\ncalled_ae_title = \"PACS\"\ntakes = []\nport = " +
         std::to_string(port) + "\n";
}

int PortOfNobody() {
  const TestPacs gone;
  return gone.port();
}

class StudyCountTest : public testing::Test {
 protected:
  static void Store(ReceivingDaemon& daemon, int from, int to) {
    RawPeer peer(daemon.Port());
    ASSERT_EQ(peer.Associate(), kAccepted);
    for (int k = from; k < to; ++k) ASSERT_EQ(peer.Store(MadeInstance(k), MadeDataSet(k)), kSuccess);
    peer.Release();
  }

  static void WaitForLine(ReceivingDaemon& daemon, const std::string& pattern) {
    daemon.WaitUntil(pattern, [&] { return std::regex_search(daemon.Log(), std::regex(pattern)); });
  }

  static nlohmann::json ReasonOf(const TestDaemon& daemon, const std::string& study) {
    return daemon.JobOf(study).at("reason");
  }

  TestPacs pacs_{TestPacs::Reports::kNotTaken, {UID_MRImageStorage}, true};
};

TEST_F(StudyCountTest, AStudyWaitsForWhatThePacsHasAndIsAskedAboutWhenSomethingHasCome) {
  pacs_.study_instances = 16;
  ReceivingDaemon daemon(AskedAt(pacs_.port()));
  daemon.Start();
  Store(daemon, 0, 8);
  const std::string study = daemon.Studies().at(0);
  WaitForLine(daemon, "settling .*code=STUDY_COUNT");
  EXPECT_EQ(daemon.StateOf(study), "settling");
  const int queries = pacs_.Queries();
  std::this_thread::sleep_for(std::chrono::seconds(4));
  EXPECT_EQ(pacs_.Queries(), queries) << "nothing has changed";
  EXPECT_EQ(daemon.StateOf(study), "settling");
  Store(daemon, 8, 16);
  daemon.WaitForState(study, "needs_prompts");
  EXPECT_GT(pacs_.Queries(), queries);
  EXPECT_THAT(daemon.Log(), testing::Not(HasSubstr("1.2.3"))) << "no UID is logged";
}

TEST_F(StudyCountTest, WhatThePacsAddsLaterHoldsNoClicksBack) {
  pacs_.study_instances = 8;
  ReceivingDaemon daemon(AskedAt(pacs_.port()));
  daemon.Start();
  Store(daemon, 0, 8);
  const std::string study = daemon.Studies().at(0);
  daemon.WaitForState(study, "needs_prompts");
  EXPECT_EQ(ReasonOf(daemon, study).at("code"), "NO_PROMPTS");
  const int queries = pacs_.Queries();
  pacs_.study_instances = 9;
  std::ofstream(daemon.Path("spool/" + study + "/1.2.3.4.prompts.json")) << "{}";
  daemon.WaitUntil("the clicks are refused", [&] {
    const nlohmann::json job = daemon.JobOf(study);
    return job.at("state") == "needs_prompts" && job.at("reason").at("code") != "NO_PROMPTS";
  });
  EXPECT_EQ(pacs_.Queries(), queries);
}

TEST_F(StudyCountTest, AStudyOfWhichNotAllComesIsRejectedAtTheHardLimit) {
  pacs_.study_instances = 16;
  ReceivingDaemon daemon(AskedAt(pacs_.port(), "hard_limit_seconds = 3\n"));
  daemon.Start();
  Store(daemon, 0, 8);
  const std::string study = daemon.Studies().at(0);
  daemon.WaitForState(study, "rejected");
  EXPECT_EQ(ReasonOf(daemon, study).at("code"), "NOT_SETTLED");
  EXPECT_THAT(ReasonOf(daemon, study).at("sentence").get<std::string>(),
              HasSubstr("the destination \"pacs\" has 16 instances of the study, and 8 instances have come"));
}

TEST_F(StudyCountTest, APacsThatGivesNoNumberHoldsNothing) {
  pacs_.study_instances = 16;
  pacs_.supports_number = false;
  ReceivingDaemon daemon(AskedAt(pacs_.port()));
  daemon.Start();
  Store(daemon, 0, 8);
  daemon.WaitForState(daemon.Studies().at(0), "needs_prompts");
  EXPECT_THAT(daemon.Log(), testing::ContainsRegex("nobody says how many instances .*code=NO_NUMBER"));
}

TEST_F(StudyCountTest, APacsThatDoesNotAnswerHoldsNothingAndTheReportSaysSo) {
  const TempFolder phantom;
  WritePhantom(MakePhantom({PhantomPreset::kSmall, 5, 1}), phantom.path(), PhantomFormat::kNiftiAndDicom);
  ReceivingDaemon daemon(AskedAt(PortOfNobody()));
  daemon.Start();
  const std::string folder = (phantom.path() / "dicom").string();
  const Ran sent = Dins("dicom send " + folder + " 127.0.0.1 " + std::to_string(daemon.Port()));
  ASSERT_EQ(sent.status, 0) << sent.output;
  const std::string study = daemon.Studies().at(0);
  daemon.WaitForState(study, "needs_prompts");
  EXPECT_THAT(daemon.Log(), testing::ContainsRegex("nobody says how many instances .*code=NOT_REACHED"));
  for (const auto& entry : fs::directory_iterator(phantom.path() / "dicom")) {
    if (entry.path().extension() == ".json") fs::copy(entry.path(), daemon.Path("spool/" + study));
  }
  daemon.WaitForState(study, "done");
  std::ifstream in(daemon.Path("results/" + daemon.JobOf(study).at("job").dump() + "/r1/report.json"));
  EXPECT_THAT(nlohmann::json::parse(in).at("image").at("notes").dump(),
              HasSubstr("study_warning: the destination \\\"pacs\\\" did not say how many instances"));
  const nlohmann::json entries = daemon
                                     .Ask({{"command", "outbox"},
                                           {"job", daemon.JobOf(study).at("job")},
                                           {"states", nlohmann::json::array()},
                                           {"limit", 100}})
                                     .at("entries");
  EXPECT_TRUE(entries.empty()) << "who is only asked gets nothing: " << entries;
}

}  // namespace
}  // namespace dinsd
