#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <sstream>

#include "pipeline/write/result_folder.h"
#include "tests/daemon/test_daemon.h"

// The real daemon with its reader and worker, on small studies and a tiny network of random weights.

namespace dinsd {
namespace {

std::filesystem::path ResultOf(const TestDaemon& daemon, const nlohmann::json& job, int revision) {
  return daemon.Path("results") / job.at("job").dump() / ("r" + std::to_string(revision));
}

TEST(Service, PublishesAStudyWithItsClicks) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  const nlohmann::json job = daemon.JobOf("one");
  const std::filesystem::path result = ResultOf(daemon, job, 1);
  EXPECT_EQ(VerifyResultFolder(result, job.at("results").at(0).at("key")), job.at("results").at(0).at("sha256"));
  for (const char* file : {"mask.nii.gz", "unprompted.nii.gz", "report.html", "report.json", "lesions.csv",
                           "prompts.json", "provenance.json", "result.json"}) {
    EXPECT_TRUE(std::filesystem::exists(result / file)) << file;
  }
  const std::string index = ReadText(daemon.Path("results/index.csv"));
  EXPECT_THAT(index, testing::HasSubstr(job.at("job").dump() + ",1,"));
  EXPECT_THAT(index, testing::HasSubstr(daemon.Path("incoming/one").string()));
  EXPECT_TRUE(std::filesystem::is_empty(daemon.Path("results/.staging")));
}

TEST(Service, WaitsForClicksThatComeLater) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1, false);
  daemon.WaitForState("one", "needs_prompts");
  EXPECT_EQ(daemon.JobOf("one").at("reason").at("code"), "NO_PROMPTS");
  EXPECT_EQ(daemon.JobOf("one").at("patient"), "") << "nothing says who it is";
  daemon.WritePrompts("one");
  daemon.WaitForState("one", "done");
}

TEST(Service, ClicksThatComeFirstWaitForTheirImages) {
  TestDaemon daemon;
  daemon.more_watch = "hard_limit_seconds = 1\n";
  daemon.Start();
  daemon.Drop(".one", 1);
  std::filesystem::create_directory(daemon.Path("incoming/one"));
  const auto move = [&](const char* file) {
    std::filesystem::rename(daemon.Path("incoming/.one") / file, daemon.Path("incoming/one") / file);
  };
  move("image.prompts.json");
  daemon.WaitUntil("it waits", [&] { return daemon.Log().find("NO_IMAGES") != std::string::npos; });
  std::filesystem::create_directory(daemon.Path("incoming/empty"));
  daemon.WaitForState("empty", "rejected");  // by the hard limit, which began later than that of the clicks
  EXPECT_EQ(daemon.StateOf("one"), "settling");
  const std::string job = daemon.JobOf("one").at("job").dump();
  EXPECT_THAT(daemon.Log(), testing::Not(testing::ContainsRegex("warning [^\n]*job=" + job + "\n")));
  EXPECT_THAT(daemon.Log(), testing::ContainsRegex("warning rejected code=NOT_SETTLED"));
  move("image.nii.gz");
  daemon.WaitForState("one", "done");
}

TEST(Service, SaysAtLastWhyAStudyNeverSettled) {
  TestDaemon daemon;
  daemon.more_watch = "hard_limit_seconds = 2\n";
  daemon.Drop("one", 1);
  std::ofstream(daemon.Path("incoming/one/study.json")) << R"({"schema": "dinsd-study/1", "patient": "P",
      "studyDate": "2024-01-02", "files": [{"name": "image.nii.gz", "size": 1, "sha256": ")"
                                                        << std::string(64, 'a') << "\"}]}";
  std::filesystem::create_directory(daemon.Path("incoming/empty"));
  daemon.Start();
  daemon.WaitForState("one", "rejected");
  daemon.WaitForState("empty", "rejected");
  const nlohmann::json reason = daemon.JobOf("one").at("reason");
  EXPECT_EQ(reason.at("code"), "NOT_SETTLED");
  EXPECT_THAT(reason.at("sentence").get<std::string>(),
              testing::HasSubstr("MANIFEST_INCOMPLETE: image.nii.gz [study.json]: has "));
  EXPECT_THAT(daemon.JobOf("empty").at("reason").at("sentence").get<std::string>(),
              testing::EndsWith(": it holds no file"));
}

TEST(Service, SaysWhatNoModelIsMeantFor) {
  TestDaemon daemon;
  daemon.more_model = "orientation = \"coronal\"\n";
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "rejected");
  EXPECT_EQ(daemon.JobOf("one").at("reason").at("code"), "NO_MODEL");
  EXPECT_THAT(daemon.JobOf("one").at("reason").at("sentence").get<std::string>(),
              testing::EndsWith(": no known sequence, axial, slices every 10 mm, pixels of 8 x 8 mm"));
}

TEST(Service, TellsOnceThatALinkIsNotTaken) {
  TestDaemon daemon;
  std::filesystem::create_directory_symlink("/", daemon.Path("incoming/canary-link"));
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "done");
  const std::string log = daemon.Log();
  const std::size_t first = log.find("they are not taken");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(log.find("they are not taken", first + 1), std::string::npos);
  EXPECT_THAT(log, testing::Not(testing::HasSubstr("canary")));
}

TEST(Service, RefusesABrokenFileAndGoesOn) {
  TestDaemon daemon;
  daemon.Start();
  std::filesystem::create_directory(daemon.Path("incoming/.broken"));
  std::ofstream(daemon.Path("incoming/.broken/image.nii.gz")) << "this is no image";
  std::filesystem::rename(daemon.Path("incoming/.broken"), daemon.Path("incoming/broken"));
  daemon.Drop("good", 2);
  daemon.WaitForState("broken", "rejected");
  EXPECT_THAT(daemon.JobOf("broken").at("reason").at("code").get<std::string>(), testing::Not(testing::IsEmpty()));
  daemon.WaitForState("good", "done");
}

TEST(Service, ChangedClicksMakeTheNextRevision) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  daemon.WritePrompts("one", 3);
  daemon.WaitUntil("revision 2 is done", [&] {
    const nlohmann::json job = daemon.JobOf("one");
    return job.at("state") == "done" && job.at("revision") == 2;
  });
  const nlohmann::json job = daemon.JobOf("one");
  EXPECT_TRUE(std::filesystem::exists(ResultOf(daemon, job, 1) / "result.json"));
  EXPECT_TRUE(std::filesystem::exists(ResultOf(daemon, job, 2) / "result.json"));
  EXPECT_NE(ReadText(ResultOf(daemon, job, 1) / "prompts.json"), ReadText(ResultOf(daemon, job, 2) / "prompts.json"));
}

TEST(Service, TheSameStudyAgainDoesNothing) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  // Once under another name, once in place of itself.
  daemon.Drop("copy", 1);
  daemon.WaitForState("copy", "cancelled");
  EXPECT_EQ(daemon.JobOf("copy").at("duplicate_of"), daemon.JobOf("one").at("job"));
  std::filesystem::remove_all(daemon.Path("incoming/one"));
  daemon.Drop("one", 1);
  daemon.WaitUntil("the second look is over", [&] {
    const nlohmann::json job = daemon.JobOf("one");
    return job.at("state") == "done" && job.at("journal").size() > 8;
  });
  EXPECT_EQ(daemon.JobOf("one").at("results").size(), 1U);
}

TEST(Service, OnSigtermHandsBackWhatItCannotFinish) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start("worker:wait:one");
  daemon.WaitForState("one", "running");
  daemon.Send(SIGTERM);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  daemon.Start();
  daemon.WaitForState("one", "done");
  const nlohmann::json job = daemon.JobOf("one");
  EXPECT_EQ(job.at("error_count"), 0);
  EXPECT_EQ(job.at("crash_count"), 0);
}

TEST(Service, CancelAndHoldStopARunningJob) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Drop("two", 2);
  daemon.Start("worker:wait:one");
  daemon.WaitForState("one", "running");
  const nlohmann::json id = daemon.JobOf("one").at("job");
  (void)daemon.Ask({{"command", "hold"}, {"job", id}});
  EXPECT_EQ(daemon.StateOf("one"), "held");
  daemon.WaitForState("two", "done");
  const std::string journal = daemon.JobOf("one").at("journal").dump();
  EXPECT_THAT(journal, testing::HasSubstr("uid " + std::to_string(::getuid())));
  EXPECT_TRUE(std::filesystem::is_empty(daemon.Path("results/.staging")));
}

TEST(Service, AHungWorkerIsKilledAndTheNightGoesOn) {
  TestDaemon daemon;
  daemon.more_settings = "crash_budget = 1\n";
  daemon.Drop("bad", 1);
  daemon.Drop("good", 2);
  daemon.study_limit_seconds = 10;
  daemon.Start("worker:hang:bad");
  daemon.WaitForState("bad", "quarantined");
  EXPECT_EQ(daemon.JobOf("bad").at("reason").at("code"), "WORKER_HUNG");
  daemon.WaitForState("good", "done");
}

TEST(Service, AStudyThatCrashesItsWorkerEachTimeIsQuarantined) {
  TestDaemon daemon;
  daemon.Drop("poison", 1);
  daemon.Drop("two", 2);
  daemon.Drop("three", 3);
  daemon.Start("worker:crash:poison");
  daemon.WaitForState("poison", "quarantined");
  EXPECT_EQ(daemon.JobOf("poison").at("crash_count"), 3);
  daemon.WaitForState("two", "done");
  daemon.WaitForState("three", "done");
}

TEST(Service, AStudyThatCrashesItsReaderEachTimeIsQuarantined) {
  TestDaemon daemon;
  daemon.Drop("poison", 1);
  daemon.Drop("two", 2);
  daemon.Start("reader:crash:poison");
  daemon.WaitForState("poison", "quarantined");
  EXPECT_EQ(daemon.JobOf("poison").at("reason").at("code"), "READER_CRASHED");
  daemon.WaitForState("two", "done");
}

TEST(Service, ASecondDaemonIsRefused) {
  TestDaemon daemon;
  daemon.Start();
  EXPECT_EQ(daemon.RunSecond(), 1);
  EXPECT_EQ(daemon.Jobs().size(), 0U) << "the first one goes on";
}

TEST(Service, AWrongConfigurationStopsTheStart) {
  TestDaemon daemon;
  daemon.more_settings = "leese_seconds = 5\n";
  daemon.Launch();
  EXPECT_EQ(daemon.WaitForEnd(), 78);
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("dinsd.toml:"));
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("lease_seconds"));
}

TEST(Service, AWrongConfigurationOnReloadChangesNothing) {
  TestDaemon daemon;
  daemon.Start();
  std::ofstream(daemon.Path("dinsd.toml")) << "[daemon]\nnonsense = 1\n";
  daemon.Send(SIGHUP);
  daemon.WaitUntil("it is refused",
                   [&] { return daemon.Log().find("the old configuration stays") != std::string::npos; });
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
}

TEST(Service, WeightsThatCannotServeStopTheStartAndChangeNothingOnReload) {
  TestDaemon daemon;
  std::ofstream(daemon.Path("broken.safetensors")) << "these are no weights";
  daemon.weights = "broken.safetensors";
  daemon.Launch();
  EXPECT_EQ(daemon.WaitForEnd(), 78);
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("broken.safetensors"));
  daemon.weights = "tiny.safetensors";
  daemon.Start();
  daemon.weights = "broken.safetensors";
  daemon.WriteSettings();
  daemon.Send(SIGHUP);
  daemon.WaitUntil("it is refused",
                   [&] { return daemon.Log().find("the old configuration stays") != std::string::npos; });
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
}

TEST(Service, BeginsNoStudyOnAFullDiskAndSaysSo) {
  TestDaemon daemon;
  daemon.least_free_mib = 1 << 20;  // more than any machine of ours has
  daemon.Drop("one", 1);
  daemon.Start();
  daemon.WaitForState("one", "available");
  const nlohmann::json answer =
      daemon.Ask({{"command", "list"}, {"states", nlohmann::json::array()}, {"after", 0}, {"limit", 10}});
  EXPECT_THAT(answer.at("notice").get<std::string>(), testing::HasSubstr("least_free_mib"));
  EXPECT_EQ(daemon.JobOf("one").at("attempt"), 0);
  daemon.least_free_mib = 0;
  daemon.WriteSettings();
  daemon.Send(SIGHUP);
  daemon.WaitForState("one", "done");
}

TEST(Service, AReloadTakesOtherOptions) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  daemon.more_settings = "[segment]\nthreshold = 0.4\n";
  daemon.WriteSettings();
  daemon.Send(SIGHUP);
  daemon.WaitUntil("it is read", [&] { return daemon.Log().find("configuration read again") != std::string::npos; });
  daemon.Drop("two", 2);
  daemon.WaitForState("two", "done");
  const nlohmann::json two = daemon.JobOf("two");
  EXPECT_THAT(ReadText(ResultOf(daemon, two, 1) / "provenance.json"), testing::HasSubstr("0.4"));
}

TEST(Service, PauseBeginsNothingAndDrainEndsTheDaemon) {
  TestDaemon daemon;
  daemon.Start();
  (void)daemon.Ask({{"command", "pause"}});
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "available");
  (void)daemon.Ask({{"command", "resume"}});
  daemon.WaitForState("one", "done");
  (void)daemon.Ask({{"command", "drain"}});
  EXPECT_EQ(daemon.WaitForEnd(), 0);
}

TEST(Service, TheLogNamesNoStudyAndNoPath) {
  TestDaemon daemon;
  daemon.Drop("canary-name", 1);
  daemon.Start("worker:crash:nobody");
  daemon.WaitForState("canary-name", "done");
  std::filesystem::create_directory(daemon.Path("incoming/canary-broken"));
  std::ofstream(daemon.Path("incoming/canary-broken/canary-file.nii.gz")) << "this is no image";
  daemon.WaitForState("canary-broken", "rejected");
  EXPECT_THAT(daemon.Log(), testing::Not(testing::HasSubstr("canary")));
}

TEST(Service, ALostQueueFindsItsResultsAgain) {
  TestDaemon daemon;
  daemon.Start();
  daemon.Drop("one", 1);
  daemon.WaitForState("one", "done");
  const nlohmann::json before = daemon.JobOf("one");
  daemon.Kill();
  for (const char* file : {"queue.db", "queue.db-wal", "queue.db-shm"}) {
    std::filesystem::remove(daemon.Path(std::string("state/") + file));
  }
  daemon.Start();
  daemon.Drop("two", 2);
  daemon.WaitForState("two", "done");
  daemon.WaitForState("one", "done");
  const nlohmann::json after = daemon.JobOf("one");
  EXPECT_EQ(after.at("job"), before.at("job"));
  EXPECT_EQ(after.at("attempt"), 0) << "looked at again, but not run";
  EXPECT_EQ(after.at("results").at(0).at("sha256"), before.at("results").at(0).at("sha256"));
  EXPECT_NE(daemon.JobOf("two").at("job"), before.at("job"));
}

// Killed by itself at a point of publishing, the daemon comes back and the result is there once.
class KilledWhilePublishing : public testing::TestWithParam<const char*> {};

TEST_P(KilledWhilePublishing, ItRecovers) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Launch(std::string("parent:kill:") + GetParam());
  EXPECT_EQ(daemon.WaitForEnd(), -SIGKILL);
  daemon.Start();
  daemon.WaitForState("one", "done");
  const nlohmann::json job = daemon.JobOf("one");
  EXPECT_EQ(job.at("results").size(), 1U);
  EXPECT_EQ(VerifyResultFolder(ResultOf(daemon, job, 1), job.at("results").at(0).at("key")),
            job.at("results").at(0).at("sha256"));
  EXPECT_TRUE(std::filesystem::is_empty(daemon.Path("results/.staging")));
  EXPECT_THAT(ReadText(daemon.Path("results/index.csv")), testing::HasSubstr("incoming/one"));
}

INSTANTIATE_TEST_SUITE_P(Service, KilledWhilePublishing,
                         testing::Values("before_rename", "after_rename", "after_done"));

}  // namespace
}  // namespace dinsd
