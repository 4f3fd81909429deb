#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "pipeline/phantom/phantom_files.h"
#include "tests/daemon/received/receiving_daemon.h"
#include "tests/daemon/receiver/made_objects.h"
#include "tests/daemon/receiver/raw_peer.h"

// Studies that come over the network into a real daemon.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr int kAccepted = 2, kSuccess = 0;

void StoreSlices(int port, int from, int to, const DicomEdit& edit = {}) {
  RawPeer peer(port);
  ASSERT_EQ(peer.Associate(), kAccepted);
  for (int k = from; k < to; ++k) ASSERT_EQ(peer.Store(MadeInstance(k), MadeDataSet(k, edit)), kSuccess);
  peer.Release();
}

std::string ReasonCodeOf(const TestDaemon& daemon, const std::string& study) {
  return daemon.JobOf(study).at("reason").at("code");
}

TEST(ServiceReceive, SegmentsAStudyThatStorescuSent) {
  if (std::system("storescu --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "storescu is not installed";
  const TempFolder phantom;
  WritePhantom(MakePhantom({PhantomPreset::kSmall, 5, 1}), phantom.path(), PhantomFormat::kNiftiAndDicom);
  ReceivingDaemon daemon;
  daemon.Start();
  const std::string command = "storescu +sd +sp '*.dcm' -aec DINSD 127.0.0.1 " + std::to_string(daemon.Port()) + " " +
                              (phantom.path() / "dicom").string();
  ASSERT_EQ(std::system((command + " > /dev/null").c_str()), 0);
  ASSERT_EQ(daemon.Studies().size(), 1U);
  const std::string study = daemon.Studies()[0];
  daemon.WaitForState(study, "needs_prompts");
  for (const auto& entry : fs::directory_iterator(phantom.path() / "dicom")) {
    if (entry.path().extension() == ".json") fs::copy(entry.path(), daemon.Path("spool/" + study));
  }
  daemon.WaitForState(study, "done");
  EXPECT_TRUE(fs::exists(daemon.Path("results/" + daemon.JobOf(study).at("job").dump() + "/r1/mask.nii.gz")));
}

// In an order that tells nothing; the names of the files are not sent.
std::string ShuffledFiles(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".dcm") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  std::shuffle(files.begin(), files.end(), std::mt19937(4));
  std::string words;
  for (const std::string& file : files) words += " " + file;
  return words;
}

TEST(ServiceReceive, StationsThatComeShuffledAreOneResult) {
  if (std::system("storescu --version > /dev/null 2>&1") != 0) GTEST_SKIP() << "storescu is not installed";
  const TempFolder phantom;
  WritePhantom(MakePhantom({PhantomPreset::kSmall, 5, 1}), phantom.path(), PhantomFormat::kNiftiAndDicom,
               {.count = 4, .overlap_mm = 20});
  ReceivingDaemon daemon;
  daemon.Start();
  const std::string command = "storescu -aec DINSD 127.0.0.1 " + std::to_string(daemon.Port()) +
                              ShuffledFiles(phantom.path() / "dicom") + " > /dev/null";
  ASSERT_EQ(std::system(command.c_str()), 0);
  ASSERT_EQ(daemon.Studies().size(), 1U);
  const std::string study = daemon.Studies()[0];
  daemon.WaitForState(study, "needs_prompts");
  for (const auto& entry : fs::directory_iterator(phantom.path() / "dicom")) {
    if (entry.path().extension() == ".json") fs::copy(entry.path(), daemon.Path("spool/" + study));
  }
  daemon.WaitForState(study, "done");
  const fs::path result = daemon.Path("results/" + daemon.JobOf(study).at("job").dump() + "/r1");
  std::ifstream in(result / "report.json");
  EXPECT_EQ(nlohmann::json::parse(in).at("image").at("stations").size(), 4U);
  EXPECT_TRUE(fs::exists(result / "mask_station_4.nii.gz"));
}

TEST(ServiceReceive, TwoPatientsInOneStudyAreQuarantinedUntilAPersonSeparatesThem) {
  ReceivingDaemon daemon;
  daemon.Start();
  StoreSlices(daemon.Port(), 0, 8);
  StoreSlices(daemon.Port(), 8, 9, WithText(DCM_PatientID, "P2"));
  ASSERT_EQ(daemon.Studies().size(), 1U);
  const std::string study = daemon.Studies()[0];
  daemon.WaitForState(study, "quarantined");
  EXPECT_EQ(ReasonCodeOf(daemon, study), "IDENTITY_CONFLICT");
  for (const auto& patient : fs::directory_iterator(daemon.Path("spool/" + study))) {
    const auto files = std::distance(fs::directory_iterator(patient), fs::directory_iterator());
    if (files == 1) fs::remove_all(patient);
  }
  daemon.WaitForState(study, "needs_prompts");
}

TEST(ServiceReceive, AnInstanceInTwoStudiesQuarantinesBothUntilAPersonHasLooked) {
  ReceivingDaemon daemon;
  daemon.Start();
  StoreSlices(daemon.Port(), 0, 8);
  const std::string first = daemon.Studies().at(0);
  daemon.WaitForState(first, "needs_prompts");
  StoreSlices(daemon.Port(), 3, 4, WithText(DCM_StudyInstanceUID, "1.2.4"));
  ASSERT_EQ(daemon.Studies().size(), 2U);
  for (const std::string& study : daemon.Studies()) {
    daemon.WaitForState(study, "quarantined");
    EXPECT_EQ(ReasonCodeOf(daemon, study), "IDENTITY_CONFLICT");
    EXPECT_EQ(daemon.JobOf(study).at("reason").at("file"), "instance-conflict.txt");
    if (study != first) fs::remove_all(daemon.Path("spool/" + study));
  }
  fs::remove(daemon.Path("spool/" + first + "/instance-conflict.txt"));
  daemon.WaitForState(first, "needs_prompts");
}

TEST(ServiceReceive, AStudyWaitsForTheSeriesThatAreRequired) {
  ReceivingDaemon daemon("required_series = [\"cor stir\", \"t1.*\"]\n");
  daemon.Start();
  StoreSlices(daemon.Port(), 0, 8);
  const std::string study = daemon.Studies().at(0);
  const std::string waits = "settling .*code=REQUIRED_SERIES";
  daemon.WaitUntil("it waits", [&] { return std::regex_search(daemon.Log(), std::regex(waits)); });
  EXPECT_EQ(daemon.StateOf(study), "settling");
  StoreSlices(daemon.Port(), 8, 16, [](DcmDataset& data) {
    Put(data, DCM_SeriesInstanceUID, "1.2.3.5");
    Put(data, DCM_SeriesDescription, "T1 cor");
    Put(data, DCM_ScanningSequence, "SE");
    Put(data, DCM_InversionTime, "0");
  });
  daemon.WaitForState(study, "needs_prompts");
}

TEST(ServiceReceive, AStudyToWhichARequiredSeriesNeverComesIsRejectedByName) {
  ReceivingDaemon daemon("required_series = [\"t1.*\"]\nhard_limit_seconds = 3\n");
  daemon.Start();
  StoreSlices(daemon.Port(), 0, 8);
  const std::string study = daemon.Studies().at(0);
  daemon.WaitForState(study, "rejected");
  EXPECT_EQ(ReasonCodeOf(daemon, study), "NOT_SETTLED");
  EXPECT_THAT(daemon.JobOf(study).at("reason").at("sentence").get<std::string>(),
              testing::HasSubstr("no series has come whose description matches"));
}

TEST(ServiceReceive, LogsNeitherNamesNorIdentifiers) {
  ReceivingDaemon daemon;
  daemon.Start();
  StoreSlices(daemon.Port(), 0, 8, [](DcmDataset& data) {
    Put(data, DCM_PatientName, "Canary^Tweety");
    Put(data, DCM_PatientID, "CANARY-17");
    Put(data, DCM_StudyInstanceUID, "1.2.840.99887766");
  });
  daemon.WaitForState(daemon.Studies().at(0), "needs_prompts");
  daemon.WaitUntil("the association is told",
                   [&] { return daemon.Log().find("association over") != std::string::npos; });
  EXPECT_THAT(daemon.Log(), testing::ContainsRegex("association over .*calling_ae=SENDER .*kept=8"));
  for (const char* never : {"anary", "CANARY", "99887766", "1.2.3.4", "spool"}) {
    EXPECT_THAT(daemon.Log(), testing::Not(testing::HasSubstr(never)));
  }
}

TEST(ServiceReceive, AReceiverThatDiesIsReplacedAtTheSamePort) {
  ReceivingDaemon daemon;
  daemon.Start();
  const int port = daemon.Port();
  StoreSlices(port, 0, 1);
  const pid_t first = daemon.Children().find("dinsd-receiver")->second;
  ::kill(first, SIGKILL);
  RawPeer patient_peer(port);  // its connection waits with the parent
  ASSERT_EQ(patient_peer.Associate(), kAccepted);
  EXPECT_EQ(patient_peer.Store(MadeInstance(1), MadeDataSet(1)), kSuccess);
  EXPECT_NE(daemon.Children().find("dinsd-receiver")->second, first);
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("receiver ended by itself"));
}

TEST(ServiceReceive, AReloadStartsStopsAndChangesIt) {
  ReceivingDaemon daemon;
  const std::string enabled = daemon.more_settings;
  daemon.more_settings = "";
  daemon.Start();
  EXPECT_EQ(daemon.Children().count("dinsd-receiver"), 0U);
  const auto reload = [&](const std::string& settings) {
    daemon.more_settings = settings;
    daemon.WriteSettings();
    daemon.Send(SIGHUP);
  };
  reload(enabled);
  RawPeer before(daemon.Port());
  ASSERT_EQ(before.Associate(), kAccepted);
  reload(enabled + "ae_title = \"OTHER\"\n");
  daemon.WaitUntil("the new one answers",
                   [&] { return RawPeer(daemon.Port()).Associate("SENDER", "OTHER") == kAccepted; });
  EXPECT_EQ(before.Store(MadeInstance(0), MadeDataSet(0)), kSuccess) << "the old one serves what it has";
  before.Release();
  reload("");
  daemon.WaitUntil("no receiver is left", [&] { return daemon.Children().count("dinsd-receiver") == 0; });
}

TEST(ServiceReceive, TheCheckTellsAPortThatIsTaken) {
  ReceivingDaemon daemon;
  daemon.Start();
  const int port = daemon.Port();
  TestDaemon other;
  other.more_settings =
      "[receiver]\nenabled = true\naddress = \"127.0.0.1\"\nspool_dir = \"spool\"\nport = " + std::to_string(port) +
      "\n";
  other.Launch("", "--check");
  EXPECT_EQ(other.WaitForEnd(), 0) << "the daemon starts without it, and tries again";
  EXPECT_THAT(other.Log(), testing::HasSubstr("no study could be received, the daemon would try again"));
}

}  // namespace
}  // namespace dinsd
