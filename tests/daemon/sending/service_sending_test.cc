#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "tests/daemon/test_daemon.h"
#include "tests/random.h"

// A real daemon that sends its results into a folder.

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SendingDaemon : public TestDaemon {
 public:
  explicit SendingDaemon(const std::string& more = "") {
    more_settings =
        "[[destination]]\nname = \"share\"\nkind = \"folder\"\nfolder = \"share\"\ntakes = [\"mask\", \"report\"]\n"
        "backoff_seconds = 1\nbackoff_cap_seconds = 2\n" +
        more;
  }

  [[nodiscard]] nlohmann::json Entries(const std::string& study) const {
    const nlohmann::json job = JobOf(study);
    if (job.is_null()) return nlohmann::json::array();
    return Ask({{"command", "outbox"}, {"job", job.at("job")}, {"states", nlohmann::json::array()}, {"limit", 100}})
        .at("entries");
  }

  void WaitForSent(const std::string& study, const std::string& state, std::size_t at = 0) {
    WaitUntil("the result of " + study + " is " + state, [&] {
      const nlohmann::json entries = Entries(study);
      return entries.size() > at && entries[at].at("state") == state;
    });
  }

  [[nodiscard]] fs::path Delivered(const std::string& study, int revision = 1) const {
    return Path("share/" + JobOf(study).at("job").dump() + "-r" + std::to_string(revision));
  }
  [[nodiscard]] fs::path Result(const std::string& study, int revision = 1) const {
    return Path("results/" + JobOf(study).at("job").dump() + "/r" + std::to_string(revision));
  }
};

TEST(ServiceSending, AResultLiesInTheFolderAsItWasPublished) {
  SendingDaemon daemon;
  fs::create_directory(daemon.Path("share"));
  daemon.Start();
  daemon.Drop("a", 1);
  daemon.WaitForSent("a", "sent");
  for (const char* file : {"mask.nii.gz", "report.html", "report.json", "lesions.csv"})
    EXPECT_EQ(ReadText(daemon.Delivered("a") / file), ReadText(daemon.Result("a") / file)) << file;
  EXPECT_FALSE(fs::exists(daemon.Delivered("a") / "provenance.json"));
  EXPECT_EQ(daemon.JobOf("a").at("results")[0].at("sent"),
            (nlohmann::json::parse(R"([{"destination": "share", "state": "sent"}])")));
}

TEST(ServiceSending, WhatIsAwayIsWaitedForAndThenServed) {
  SendingDaemon daemon;
  daemon.Start();
  daemon.Drop("a", 1);
  daemon.WaitForState("a", "done");
  daemon.WaitUntil("it was tried twice", [&] {
    const nlohmann::json entries = daemon.Entries("a");
    return !entries.empty() && entries[0].at("attempt") >= 2;
  });
  EXPECT_EQ(daemon.Entries("a")[0].at("failures"), 0) << "it says nothing about the result";
  EXPECT_THAT(daemon.Entries("a")[0].at("code"), "NOT_REACHED");
  fs::create_directory(daemon.Path("share"));
  daemon.WaitForSent("a", "sent");
}

TEST(ServiceSending, NothingIsSentOfAResultThatIsNotWhatWasPublished) {
  SendingDaemon daemon;
  daemon.Start();
  daemon.Drop("a", 1);
  daemon.WaitForState("a", "done");
  std::ofstream(daemon.Result("a") / "lesions.csv", std::ios::app) << "one more\n";
  fs::create_directory(daemon.Path("share"));
  daemon.WaitForSent("a", "failed");
  EXPECT_EQ(daemon.Entries("a")[0].at("code"), "RESULT_CHANGED");
  EXPECT_TRUE(fs::is_empty(daemon.Path("share")));
}

TEST(ServiceSending, APreliminaryResultGoesOnlyWhereItMay) {
  SendingDaemon daemon(
      "[[destination]]\nname = \"second\"\nkind = \"folder\"\nfolder = \"second\"\ntakes = [\"mask\"]\n"
      "preliminary = true\n");
  for (const char* folder : {"share", "second"}) fs::create_directory(daemon.Path(folder));
  daemon.Start();
  daemon.Drop("a", 1, false);
  daemon.WaitForState("a", "needs_prompts");
  daemon.WritePrompts("a");
  const fs::path sidecar = daemon.Path("incoming/a/image.prompts.json");
  nlohmann::json prompts = nlohmann::json::parse(ReadText(sidecar));
  prompts["lesions"][0]["clicks"][0]["status"] = "proposed";
  std::ofstream(sidecar) << prompts.dump();
  daemon.WaitForSent("a", "sent");  // "second" comes before "share"
  EXPECT_EQ(daemon.Entries("a")[1].at("state"), "withheld");
  EXPECT_EQ(daemon.Entries("a")[1].at("code"), "PRELIMINARY");
  EXPECT_TRUE(fs::is_empty(daemon.Path("share")));
  EXPECT_THROW((void)daemon.Ask({{"command", "outbox-send"},
                                 {"job", daemon.JobOf("a").at("job")},
                                 {"revision", 0},
                                 {"destination", "share"}}),
               std::runtime_error)
      << "nor by hand";
}

TEST(ServiceSending, AnOldRevisionIsNotSentAfterItsSuccessor) {
  SendingDaemon daemon;
  daemon.Start();
  daemon.Drop("a", 1);
  daemon.WaitForState("a", "done");
  daemon.WritePrompts("a", 1);
  daemon.WaitForSent("a", "superseded");
  fs::create_directory(daemon.Path("share"));
  daemon.WaitForSent("a", "sent", 1);
  EXPECT_FALSE(fs::exists(daemon.Delivered("a", 1)));
  EXPECT_TRUE(fs::exists(daemon.Delivered("a", 2)));
}

TEST(ServiceSending, ANewDestinationGetsWhatIsPublishedFromThenOnAndTheRestByHand) {
  SendingDaemon daemon;
  const std::string with = daemon.more_settings;
  daemon.more_settings = "";
  fs::create_directory(daemon.Path("share"));
  daemon.Start();
  daemon.Drop("a", 1);
  daemon.WaitForState("a", "done");
  daemon.more_settings = with;
  daemon.WriteSettings();
  daemon.Send(SIGHUP);
  daemon.Drop("b", 2);
  daemon.WaitForSent("b", "sent");
  EXPECT_TRUE(daemon.Entries("a").empty());
  (void)daemon.Ask(
      {{"command", "outbox-send"}, {"job", daemon.JobOf("a").at("job")}, {"revision", 1}, {"destination", "share"}});
  daemon.WaitForSent("a", "sent");
  EXPECT_TRUE(fs::exists(daemon.Delivered("a") / "mask.nii.gz"));
}

TEST(ServiceSending, TheCheckTellsWhatResultsWouldWaitFor) {
  SendingDaemon daemon(
      "[[destination]]\nname = \"pacs\"\nkind = \"cstore\"\nhost = \"127.0.0.1\"\ncalled_ae_title = \"PACS\"\n"
      "commitment = true\n[sender]\nspool_dir = \"outgoing\"\n");
  daemon.Launch("", "--check");
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  EXPECT_THAT(daemon.Log(), HasSubstr("results would wait: destination \"share\""));
  EXPECT_THAT(daemon.Log(), HasSubstr("results would wait: destination \"pacs\": its report on a commitment"));
  EXPECT_FALSE(fs::exists(daemon.Path("outgoing"))) << "a check makes nothing";
}

// Whatever the moment: each result is in the folder once, whole, and recorded as sent.
TEST(ServiceSending, KillsLoseNothing) {
  SendingDaemon daemon;
  fs::create_directory(daemon.Path("share"));
  TestRandom random(7);
  daemon.Start();
  constexpr int kStudies = 6;
  for (int i = 0; i < kStudies; ++i) {
    daemon.Drop("s" + std::to_string(i), static_cast<unsigned>(i));
    ::usleep(static_cast<useconds_t>(random.Below(1'500'000)));
    daemon.Kill();
    daemon.Start();
  }
  for (int i = 0; i < kStudies; ++i) {
    const std::string study = "s" + std::to_string(i);
    daemon.WaitForSent(study, "sent");
    EXPECT_EQ(daemon.Entries(study).size(), 1U);
    EXPECT_EQ(ReadText(daemon.Delivered(study) / "mask.nii.gz"), ReadText(daemon.Result(study) / "mask.nii.gz"));
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(daemon.Path("share")), {}), kStudies) << "and nothing else";
}

}  // namespace
}  // namespace dinsd
