#include <gtest/gtest.h>
#include <signal.h>

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
  ::kill(worker, SIGTERM);
  EXPECT_EQ(daemon.WaitForEnd(), 0);
  ExpectDoneWithoutACrash(daemon, "one");
}

}  // namespace
}  // namespace dinsd
