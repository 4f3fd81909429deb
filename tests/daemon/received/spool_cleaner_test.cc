#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "pipeline/phantom/phantom_files.h"
#include "storage/database.h"
#include "tests/daemon/received/receiving_daemon.h"
#include "tests/daemon/run_dins.h"

// What is done goes from the spool after some days; what is not published never does.

namespace dinsd {
namespace {

namespace fs = std::filesystem;

class SpoolCleanerTest : public testing::Test {
 protected:
  SpoolCleanerTest() {
    WritePhantom(MakePhantom({PhantomPreset::kSmall, 5, 1}), phantom_.path(), PhantomFormat::kNiftiAndDicom);
  }

  void Send() {
    const std::string folder = (phantom_.path() / "dicom").string();
    daemon_.WaitUntil("it is sent", [&] {  // the newest receiver of a daemon that has just started may not listen yet
      return Dins("dicom send " + folder + " 127.0.0.1 " + std::to_string(daemon_.Port())).status == 0;
    });
  }

  void GiveClicks(const std::string& study) {
    for (const auto& entry : fs::directory_iterator(phantom_.path() / "dicom")) {
      if (entry.path().extension() == ".json") fs::copy(entry.path(), daemon_.Path("spool/" + study));
    }
  }

  // Every job stands where it does for ten days already.
  void TenDaysLater() {
    daemon_.Kill();
    Database database(daemon_.Path("state/queue.db"));
    database.Run("UPDATE job SET changed_at = changed_at - 864000000");
  }

  TempFolder phantom_;
  ReceivingDaemon daemon_{"keep_objects_days = 7\n"};
};

TEST_F(SpoolCleanerTest, AStudyGoesWhenItsResultWasPublishedLongAgo) {
  daemon_.Start();
  Send();
  const std::string study = daemon_.Studies().at(0);
  daemon_.WaitForState(study, "needs_prompts");
  GiveClicks(study);
  daemon_.WaitForState(study, "done");
  daemon_.Kill();
  daemon_.Start();
  EXPECT_EQ(daemon_.Studies().size(), 1U) << "it is not old";
  TenDaysLater();
  daemon_.Start();
  daemon_.WaitUntil("it is removed", [&] { return daemon_.Studies().empty(); });
  EXPECT_EQ(daemon_.StateOf(study), "done");
  EXPECT_TRUE(fs::exists(daemon_.Path("results/" + daemon_.JobOf(study).at("job").dump() + "/r1/mask.nii.gz")));
}

TEST_F(SpoolCleanerTest, WhatIsNotPublishedStaysHoweverOldItIs) {
  daemon_.Start();
  Send();
  const std::string study = daemon_.Studies().at(0);
  daemon_.WaitForState(study, "needs_prompts");
  TenDaysLater();
  daemon_.Start();
  TenDaysLater();
  daemon_.Start();
  EXPECT_EQ(daemon_.Studies(), std::vector<std::string>{study});
}

TEST_F(SpoolCleanerTest, APartOfARemovedStudyNeverTakesThePlaceOfTheWhole) {
  daemon_.Start();
  Send();
  const std::string study = daemon_.Studies().at(0);
  daemon_.WaitForState(study, "needs_prompts");
  GiveClicks(study);
  daemon_.WaitForState(study, "done");
  TenDaysLater();
  daemon_.Start();
  daemon_.WaitUntil("it is removed", [&] { return daemon_.Studies().empty(); });
  fs::path first;
  for (const auto& entry : fs::directory_iterator(phantom_.path() / "dicom")) {
    if (entry.path().extension() == ".dcm" && (first.empty() || entry.path() < first)) first = entry.path();
  }
  const fs::path kept_back = phantom_.path() / "kept_back";
  fs::rename(first, kept_back);
  Send();
  daemon_.WaitUntil("it waits", [&] { return daemon_.Log().find("OBJECTS_REMOVED") != std::string::npos; });
  EXPECT_EQ(daemon_.StateOf(study), "settling");
  fs::rename(kept_back, first);
  Send();
  daemon_.WaitForState(study, "needs_prompts");
}

}  // namespace
}  // namespace dinsd
