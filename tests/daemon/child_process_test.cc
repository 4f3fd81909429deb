#include "daemon/process/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "daemon/process/message_channel.h"

namespace dinsd {
namespace {

int WaitFor(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

TEST(ChildProcess, TalksOverItsSocket) {
  // printf writes one framed message: 4 bytes of length, then the text.
  const ChildProcess child = StartChild("/bin/sh", {"-c", R"sh(printf '\005\000\000\000hello' >&3)sh"}, {});
  EXPECT_EQ(ReceiveMessage(child.socket.get())->text, "hello");
  EXPECT_EQ(DescribeExit(WaitFor(child.pid)), "exit code 0");
}

TEST(ChildProcess, InheritsNothingButItsSocket) {
  const ChildProcess child =
      StartChild("/bin/sh", {"-c", R"sh(n=$(ls /proc/self/fd | wc -l); printf '\001\000\000\000%s' "$n" >&3)sh"}, {});
  // 0, 1, 2, the socket, and the folder that ls itself has open.
  EXPECT_EQ(ReceiveMessage(child.socket.get())->text, "5");
  WaitFor(child.pid);
}

TEST(ChildProcess, LivesUnderItsLimits) {
  const ChildProcess child = StartChild(
      "/bin/sh", {"-c", R"sh(printf '\004\000\000\000%s' "$(ulimit -n)/$(ulimit -c)" >&3)sh"}, {.open_files = 64});
  EXPECT_EQ(ReceiveMessage(child.socket.get())->text, "64/0");
  WaitFor(child.pid);
}

TEST(ChildProcess, StandsApartFromSignalsToTheGroupOfItsParent) {
  const ChildProcess child = StartChild("/bin/sh", {"-c", R"sh(printf '\002\000\000\000up' >&3; read line <&3)sh"}, {});
  EXPECT_EQ(ReceiveMessage(child.socket.get())->text, "up");
  EXPECT_EQ(::getpgid(child.pid), child.pid);
  EXPECT_NE(::getpgid(child.pid), ::getpgrp());
  ::kill(child.pid, SIGKILL);
  WaitFor(child.pid);
}

TEST(ChildProcess, LeavesItToItsParentWhenToEnd) {
  const char* script = R"sh(kill -TERM $$; kill -INT $$; kill -HUP $$; printf '\002\000\000\000up' >&3)sh";
  const ChildProcess child = StartChild("/bin/sh", {"-c", script}, {});
  EXPECT_EQ(DescribeExit(WaitFor(child.pid)), "exit code 0");
  EXPECT_EQ(ReceiveMessage(child.socket.get())->text, "up");
}

TEST(ChildProcess, SaysHowItEnded) {
  const ChildProcess exits = StartChild("/bin/sh", {"-c", "exit 3"}, {});
  EXPECT_EQ(DescribeExit(WaitFor(exits.pid)), "exit code 3");
  const ChildProcess killed = StartChild("/bin/sh", {"-c", "kill -9 $$"}, {});
  EXPECT_THAT(DescribeExit(WaitFor(killed.pid)), testing::HasSubstr("signal 9"));
}

TEST(ChildProcess, IsReapedWithoutWaiting) {
  const ChildProcess child = StartChild("/bin/sh", {"-c", "read line <&3"}, {});
  EXPECT_FALSE(TryReap(child.pid).has_value());
  ::kill(child.pid, SIGKILL);
  std::optional<int> status;
  while (!(status = TryReap(child.pid))) ::usleep(1000);
  EXPECT_TRUE(WIFSIGNALED(*status));
}

TEST(ChildProcess, ThatCannotStartExitsWith127) {
  const ChildProcess child = StartChild("/nonexistent/program", {}, {});
  EXPECT_EQ(DescribeExit(WaitFor(child.pid)), "exit code 127");
}

}  // namespace
}  // namespace dinsd
