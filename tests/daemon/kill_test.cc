#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <map>
#include <set>
#include <thread>

#include "pipeline/write/result_folder.h"
#include "tests/daemon/test_daemon.h"
#include "tests/random.h"

// kill -9 at random moments over a night of small studies: afterwards every study is done, nothing is published twice,
// the database is whole and nothing temporary is left.

namespace dinsd {
namespace {

constexpr int kStudies = 40;
constexpr int kKills = 60;
constexpr int kMostPerStudy = 2;  // a third crash of one study would rightly put it into quarantine

unsigned Seed() {
  const char* given = std::getenv("DINSD_KILL_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 20261125U;
}

std::string NameOf(int study) {
  return "study" + std::to_string(study);
}

// One night with its killer.
class Night {
 public:
  explicit Night(unsigned seed) : random_(seed) {}

  void Run() {
    daemon_.more_settings = "lost_budget = 1000\n";
    daemon_.Start();
    for (int kill = 0; kill < kKills; ++kill) {
      DropSome(kill);
      std::this_thread::sleep_for(std::chrono::milliseconds(random_.Below(900)));
      KillSomething();
    }
    while (dropped_ < kStudies) DropNext();
    daemon_.WaitUntil("all studies are done", [&] { return daemon_.Jobs({"done"}).size() == kStudies; });
  }

  TestDaemon& daemon() { return daemon_; }
  [[nodiscard]] std::string Kills() const {
    return std::to_string(kills_.at("parent")) + " of the parent, " + std::to_string(kills_.at("dinsd-reader")) +
           " of readers, " + std::to_string(kills_.at("dinsd-worker")) + " of workers";
  }

 private:
  void DropNext() {
    if (dropped_ == kStudies) return;
    daemon_.Drop(NameOf(dropped_), static_cast<unsigned>(dropped_));
    ++dropped_;
  }

  // Studies arrive all night long: there is work left at every kill.
  void DropSome(int kill) {
    while (dropped_ < kStudies && dropped_ * kKills < (kill + 2) * kStudies) DropNext();
  }

  void KillSomething() {
    const std::int64_t choice = random_.Below(3);
    if (choice == 0) return KillParent();
    KillChild(choice == 1 ? "dinsd-reader" : "dinsd-worker");
  }

  void KillParent() {
    daemon_.Kill();
    ++kills_["parent"];
    daemon_.Start();
  }

  // Waits a while for such a child; a study whose children were killed twice is spared.
  void KillChild(const std::string& program) {
    if (program == "dinsd-reader") DropNext();
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
    while (std::chrono::steady_clock::now() < end) {
      const std::multimap<std::string, pid_t> children = daemon_.Children();
      const auto child = children.find(program);
      if (child != children.end() && MayKill()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(random_.Below(20)));
        if (::kill(child->second, SIGKILL) != 0) continue;  // it was faster
        ++kills_[program];
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    KillParent();
  }

  // Whether no study that may be at work now has been through two crashes already.
  bool MayKill() {
    const nlohmann::json jobs = daemon_.Jobs({"settling", "available", "running", "publishing"});
    return std::none_of(jobs.begin(), jobs.end(),
                        [](const nlohmann::json& job) { return job.at("crash_count") >= kMostPerStudy; });
  }

  TestRandom random_;
  TestDaemon daemon_;
  int dropped_ = 0;
  std::map<std::string, int> kills_ = {{"parent", 0}, {"dinsd-reader", 0}, {"dinsd-worker", 0}};
};

std::string IntegrityOf(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(database, "PRAGMA integrity_check", -1, &statement, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
  const std::string word = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return word;
}

void ExpectOneResultEach(TestDaemon& daemon) {
  for (int study = 0; study < kStudies; ++study) {
    const nlohmann::json job = daemon.JobOf(NameOf(study));
    ASSERT_FALSE(job.is_null()) << NameOf(study);
    ASSERT_EQ(job.at("results").size(), 1U) << job.dump(2);
    const std::filesystem::path folder = daemon.Path("results") / job.at("job").dump();
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << folder;
    const nlohmann::json& result = job.at("results").at(0);
    EXPECT_EQ(VerifyResultFolder(folder / "r1", result.at("key")), result.at("sha256"));
    int published = 0;
    for (const nlohmann::json& line : job.at("journal")) published += line.at("what") == "publishing -> done" ? 1 : 0;
    EXPECT_EQ(published, 1) << job.dump(2);
  }
}

TEST(KillTest, SixtyKillsOverFortyStudiesLoseNothingAndPublishNothingTwice) {
  const unsigned seed = Seed();
  std::printf("seed %u (DINSD_KILL_SEED chooses another)\n", seed);
  Night night(seed);
  night.Run();
  std::printf("kills: %s\n", night.Kills().c_str());
  TestDaemon& daemon = night.daemon();
  EXPECT_EQ(daemon.Jobs().size(), static_cast<std::size_t>(kStudies));
  ExpectOneResultEach(daemon);
  daemon.WaitUntil("nothing temporary is left",
                   [&] { return std::filesystem::is_empty(daemon.Path("results/.staging")); });
  daemon.Send(SIGTERM);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  EXPECT_EQ(IntegrityOf(daemon.Path("state/queue.db")), "ok");
  int folders = 0;
  for (const auto& entry : std::filesystem::directory_iterator(daemon.Path("results")))
    folders += entry.is_directory() ? 1 : 0;
  EXPECT_EQ(folders, kStudies + 1) << "a folder per job, and the empty staging";
}

}  // namespace
}  // namespace dinsd
