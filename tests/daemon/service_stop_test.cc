#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/daemon/test_daemon.h"

// How the running daemon and its children end when they are told to.

namespace dinsd {
namespace {

void ExpectDoneWithoutACrash(TestDaemon& daemon, const std::string& study) {
  daemon.Start();
  daemon.WaitForState(study, "done");
  EXPECT_EQ(daemon.JobOf(study).at("crash_count"), 0) << daemon.Log();
}

// The worker of an earlier configuration may finish its study for as long as stopping takes.
TEST(ServiceStop, AWorkerThatDiesWhileTheDaemonStopsIsNoCrash) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start("worker:wait:one");
  daemon.WaitForState("one", "running");
  daemon.Send(SIGHUP);
  daemon.WaitUntil("it is read", [&] { return daemon.Log().find("configuration read again") != std::string::npos; });
  const pid_t worker = daemon.Children().find("dinsd-worker")->second;
  daemon.Send(SIGTERM);
  daemon.WaitUntil("it stops", [&] { return daemon.Log().find("stopping") != std::string::npos; });
  ::kill(worker, SIGKILL);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  ExpectDoneWithoutACrash(daemon, "one");
}

// As Ctrl-C in a terminal and `systemctl kill` do: everything that belongs to the daemon gets the signal.
void ExpectHandedBackBy(int signal) {
  TestDaemon daemon;
  daemon.Drop("one", 1);
  daemon.Start("worker:wait:one");
  daemon.WaitForState("one", "running");
  const auto children = daemon.Children();
  for (const auto& [name, pid] : children) ::kill(pid, signal);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(daemon.Children(), children) << "they end when their parent says so";
  ::kill(-daemon.pid(), signal);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  EXPECT_THAT(daemon.Log(), testing::HasSubstr("handed back job="));
  ExpectDoneWithoutACrash(daemon, "one");
  const nlohmann::json journal = daemon.JobOf("one").at("journal");
  EXPECT_EQ(std::count_if(journal.begin(), journal.end(),
                          [](const auto& line) {
                            return line.at("what") == "running -> available" && line.at("reason") == "the daemon stops";
                          }),
            1)
      << journal.dump(1);
}

TEST(ServiceStop, CtrlCHandsTheStudyBack) {
  ExpectHandedBackBy(SIGINT);
}

TEST(ServiceStop, ASignalToAllProcessesHandsTheStudyBack) {
  ExpectHandedBackBy(SIGTERM);
}

}  // namespace
}  // namespace dinsd
