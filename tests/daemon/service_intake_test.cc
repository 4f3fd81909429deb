#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "tests/daemon/test_daemon.h"

// What the running daemon makes of studies that come, change, go away and come back as others.

namespace dinsd {
namespace {

TEST(ServiceIntake, AReaderMayTakeLongerThanTheNextScan) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start("reader:slow:one");
  daemon.WaitForState("one", "done");
  const std::string journal = daemon.JobOf("one").at("journal").dump();
  const std::size_t first = journal.find("a reader looks at it");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(journal.find("a reader looks at it", first + 1), std::string::npos) << journal;
}

TEST(ServiceIntake, AStudyThatAPersonCancelledIsTakenAgainOnlyAfterItWasAway) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1, /*has_prompts=*/false);
  daemon.WaitForState("one", "needs_prompts");
  (void)daemon.Ask({{"command", "cancel"}, {"job", daemon.JobOf("one").at("job")}});
  ASSERT_EQ(daemon.StateOf("one"), "cancelled");
  daemon.WritePrompts("one");
  daemon.WaitUntil("the change is told",
                   [&] { return daemon.Log().find("a person cancelled it") != std::string::npos; });
  EXPECT_EQ(daemon.JobOf("one").at("state"), "cancelled");
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  daemon.WaitUntil("it is missed", [&] { return daemon.JobOf("one").at("reason").at("code") == "STUDY_GONE"; });
  daemon.Drop("one", 2);
  daemon.WaitForState("one", "done");
}

// As Drop, with a study.json that names the patient.
void DropOf(const TestDaemon& daemon, const std::string& patient, const std::string& name, unsigned seed) {
  daemon.Drop(".made", seed);
  nlohmann::json files = nlohmann::json::array();
  for (const std::string file : {"image.nii.gz", "image.prompts.json"}) {
    const auto bytes = ReadFileBytes(daemon.Path("incoming/.made"), file, 1 << 20);
    files.push_back({{"name", file}, {"size", bytes.size()}, {"sha256", Sha256Hex(bytes)}});
  }
  std::ofstream(daemon.Path("incoming/.made/study.json")) << nlohmann::json{
      {"schema", "dinsd-study/1"}, {"patient", patient}, {"studyDate", "2026-01-02"}, {"files", files}};
  std::filesystem::rename(daemon.Path("incoming/.made"), daemon.Path("incoming/" + name));
}

TEST(ServiceIntake, AnotherPatientsStudyInThePlaceOfAPublishedOneIsQuarantined) {
  TestDaemon daemon;
  daemon.Start();
  DropOf(daemon, "P1", "one", 1);
  daemon.WaitForState("one", "done");
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  DropOf(daemon, "P2", "one", 2);
  daemon.WaitForState("one", "quarantined");
  EXPECT_EQ(daemon.JobOf("one").at("reason").at("code"), "OTHER_PATIENT");
  EXPECT_EQ(daemon.JobOf("one").at("results").size(), 1U);
  std::filesystem::rename(daemon.Path("incoming/one"), daemon.Path("incoming/two"));
  daemon.WaitForState("two", "done");
}

}  // namespace
}  // namespace dinsd
