#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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

using testing::HasSubstr;

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

std::size_t CountOf(const std::string& words, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++count;
  return count;
}

TEST(ServiceIntake, AStudyThatKeepsChangingIsNotToldAtEveryScan) {
  TestDaemon daemon;
  daemon.Start();
  constexpr std::size_t kChanges = 5;
  std::filesystem::create_directory(daemon.Path("incoming/one"));
  for (std::size_t change = 1; change <= kChanges; ++change) {  // clicks that wait for their image
    std::ofstream(daemon.Path("incoming/one/.next")) << std::string(change, ' ') << "{}";
    std::filesystem::rename(daemon.Path("incoming/one/.next"), daemon.Path("incoming/one/image.prompts.json"));
    daemon.WaitUntil("it is read again", [&] {
      const nlohmann::json job = daemon.JobOf("one");
      return !job.is_null() && CountOf("a reader looks at it", job.at("journal").dump()) >= change;
    });
  }
  const std::string log = daemon.Log();
  EXPECT_EQ(CountOf("received", log), 1U) << log;
  EXPECT_LT(CountOf("files changed", log), kChanges - 1) << log;
  EXPECT_LT(CountOf("NO_IMAGES", log), kChanges - 1) << log;
}

TEST(ServiceIntake, AStudyThatWasGivenUpAndChangesHasAsLongAgain) {
  TestDaemon daemon;
  daemon.more_watch = "hard_limit_seconds = 5\n";
  std::filesystem::create_directories(daemon.Path("incoming/one"));
  std::ofstream(daemon.Path("incoming/one/image.prompts.json")) << "{}";  // NO_IMAGES waits for days
  std::ofstream(daemon.Path("incoming/one/study.json")) << R"({"schema": "dinsd-study/1", "patient": "P",
      "studyDate": "2024-01-02", "files": [{"name": "image.nii.gz", "size": 1, "sha256": ")"
                                                        << std::string(64, 'a') << "\"}]}";
  daemon.Start();
  daemon.WaitForState("one", "rejected");
  std::ofstream(daemon.Path("incoming/one/image.nii.gz")) << "the first bytes";
  daemon.WaitForState("one", "settling");
  daemon.WaitForState("one", "rejected");
  EXPECT_EQ(CountOf("NOT_SETTLED", daemon.Log()), 2U) << daemon.Log();
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

// As Drop, with a study.json of these fields.
void DropOf(const TestDaemon& daemon, nlohmann::json study, const std::string& name, unsigned seed) {
  daemon.Drop(".made", seed);
  study["schema"] = "dinsd-study/1";
  for (const std::string file : {"image.nii.gz", "image.prompts.json"}) {
    const auto bytes = ReadFileBytes(daemon.Path("incoming/.made"), file, 1 << 20);
    study["files"].push_back({{"name", file}, {"size", bytes.size()}, {"sha256", Sha256Hex(bytes)}});
  }
  std::ofstream(daemon.Path("incoming/.made/study.json")) << study;
  std::filesystem::rename(daemon.Path("incoming/.made"), daemon.Path("incoming/" + name));
}

nlohmann::json StudyOf(const std::string& patient, const std::string& date, const std::string& uid = "") {
  nlohmann::json study = {{"patient", patient}, {"studyDate", date}};
  if (!uid.empty()) study["studyInstanceUID"] = uid;
  return study;
}

TEST(ServiceIntake, AnotherPatientsStudyInThePlaceOfAPublishedOneIsQuarantined) {
  TestDaemon daemon;
  daemon.Start();
  DropOf(daemon, StudyOf("P1", "2026-01-02"), "one", 1);
  daemon.WaitForState("one", "done");
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  DropOf(daemon, StudyOf("P2", "2026-01-02"), "one", 2);
  daemon.WaitForState("one", "quarantined");
  EXPECT_EQ(daemon.JobOf("one").at("reason").at("code"), "OTHER_PATIENT");
  EXPECT_EQ(daemon.JobOf("one").at("results").size(), 1U);
  std::filesystem::rename(daemon.Path("incoming/one"), daemon.Path("incoming/two"));
  daemon.WaitForState("two", "done");
}

TEST(ServiceIntake, AStudyThatNamesNobodyDoesNotWashAwayWhoseResultsTheseAre) {
  TestDaemon daemon;
  daemon.Start();
  DropOf(daemon, StudyOf("P1", "2026-01-02"), "one", 1);
  daemon.WaitForState("one", "done");
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  daemon.Drop("one", 2);
  daemon.WaitForState("one", "quarantined");
  EXPECT_EQ(daemon.JobOf("one").at("reason").at("code"), "OTHER_PATIENT");
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  DropOf(daemon, StudyOf("P2", "2026-01-02"), "one", 3);
  daemon.WaitUntil("a reader has looked again", [&] {
    const nlohmann::json job = daemon.JobOf("one");
    return job.at("state") == "quarantined" &&
           job.at("reason").at("sentence").dump().find("another one") != std::string::npos;
  });
  EXPECT_EQ(daemon.JobOf("one").at("results").size(), 1U);
}

TEST(ServiceIntake, ALostQueueStillKnowsWhoseItsResultsAre) {
  TestDaemon daemon;
  daemon.Start();
  DropOf(daemon, StudyOf("P1", "2026-01-02"), "one", 1);
  daemon.WaitForState("one", "done");
  daemon.Kill();
  for (const char* file : {"queue.db", "queue.db-wal", "queue.db-shm"})
    std::filesystem::remove(daemon.Path(std::string("state/") + file));
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  DropOf(daemon, StudyOf("P2", "2026-01-02"), "one", 2);
  daemon.Start();
  daemon.WaitForState("one", "quarantined");
  EXPECT_EQ(daemon.JobOf("one").at("reason").at("code"), "OTHER_PATIENT");
}

// What becomes of `second` in the place of `first`, which was published.
nlohmann::json JobAfter(TestDaemon& daemon, const nlohmann::json& first, const nlohmann::json& second,
                        const std::string& state) {
  daemon.Start();
  DropOf(daemon, first, "one", 1);
  daemon.WaitForState("one", "done");
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  DropOf(daemon, second, "one", 2);
  daemon.WaitUntil("it is " + state + " again", [&] {
    const nlohmann::json job = daemon.JobOf("one");
    return job.at("state") == state && (state != "done" || job.at("revision") == 2);
  });
  return daemon.JobOf("one");
}

TEST(ServiceIntake, ALaterStudyOfThePatientInThePlaceOfAPublishedOneIsQuarantined) {
  TestDaemon daemon;
  const nlohmann::json job =
      JobAfter(daemon, StudyOf("P1", "2026-01-02"), StudyOf("P1", "2026-07-08", "1.2.3"), "quarantined");
  EXPECT_EQ(job.at("reason").at("code"), "OTHER_STUDY");
  EXPECT_EQ(job.at("reason").at("sentence"),
            "this study is of 2026-07-08 (studyInstanceUID 1.2.3), but the results which this job has are of another "
            "one, of 2026-01-02 (see report.json in results/" +
                job.at("job").dump() + "): give the study a folder name of its own");
  EXPECT_EQ(job.at("results").size(), 1U);
  std::filesystem::rename(daemon.Path("incoming/one"), daemon.Path("incoming/two"));
  daemon.WaitForState("two", "done");
}

TEST(ServiceIntake, ASecondStudyOfTheSameDayIsToldByItsIdentifier) {
  TestDaemon daemon;
  const nlohmann::json job =
      JobAfter(daemon, StudyOf("P1", "2026-01-02", "1.2.3"), StudyOf("P1", "2026-01-02", "1.2.4"), "quarantined");
  EXPECT_EQ(job.at("reason").at("code"), "OTHER_STUDY");
  EXPECT_EQ(job.at("reason").at("field"), "studyInstanceUID");
}

TEST(ServiceIntake, TheSameStudyWithItsDatePutRightIsItsNextRevision) {
  TestDaemon daemon;
  const nlohmann::json job =
      JobAfter(daemon, StudyOf("P1", "2026-01-02", "1.2.3"), StudyOf("P1", "2026-02-01", "1.2.3"), "done");
  EXPECT_EQ(job.at("results").size(), 2U);
}

TEST(ServiceIntake, SubmitTakesAStudyFromAnywhere) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("elsewhere", 1);
  daemon.WaitForState("elsewhere", "done");
  std::filesystem::create_directory(daemon.Path("archive"));
  daemon.Drop("moved", 2);
  std::filesystem::rename(daemon.Path("incoming/moved"), daemon.Path("archive/moved"));
  (void)daemon.Ask({{"command", "submit"}, {"path", daemon.Path("archive/moved").string()}, {"lane", "urgent"}});
  daemon.WaitUntil("it is done", [&] {
    const nlohmann::json done = daemon.Jobs({"done"});
    return std::any_of(done.begin(), done.end(), [&](const nlohmann::json& job) {
      return job.at("path") == daemon.Path("archive/moved").string();
    });
  });
}

TEST(ServiceIntake, SubmitTakesNoPartOfAStudy) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  const auto answer = [&](const std::filesystem::path& path) -> std::string {
    try {
      return daemon.Ask({{"command", "submit"}, {"path", path.string()}, {"lane", "routine"}}).dump();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(answer(daemon.Path("incoming/one/image.nii.gz")), HasSubstr("inside a study"));
  std::filesystem::create_directory_symlink(daemon.Path("incoming"), daemon.Path("link"));
  EXPECT_THAT(answer(daemon.Path("link/one/image.nii.gz")), HasSubstr("inside a study"));
  EXPECT_THAT(answer(daemon.Path("link/one")), HasSubstr("\"job\":1"));
  std::filesystem::copy(daemon.Path("incoming/one"), daemon.Path("archive"));
  std::ofstream(daemon.Path("archive/study.json")) << "{}";
  EXPECT_THAT(answer(daemon.Path("archive/image.nii.gz")), HasSubstr("study.json lies beside it"));
  EXPECT_THAT(answer(daemon.Path("incoming")), HasSubstr("holds the watched folder"));
  EXPECT_THAT(answer(daemon.Path("link")), HasSubstr("holds the watched folder"));
  EXPECT_THAT(answer(daemon.Path("incoming").parent_path()), HasSubstr("holds the watched folder"));
  EXPECT_EQ(daemon.Jobs().size(), 1U);
}

}  // namespace
}  // namespace dinsd
