#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <functional>
#include <set>

#include "storage/job_records.h"
#include "tests/random.h"

namespace dinsd {

/// `rounds` times: lets `work` run in a process of its own, which writes every job that was acknowledged into the pipe
/// it is given and never returns; kills it with SIGKILL at a random moment of its first 155 ms; and calls `check` with
/// all that were acknowledged so far. A child that ends by itself must say 0. Ends at the first failure.
inline void KillAtRandomMoments(int rounds, const std::function<void(int)>& work,
                                const std::function<void(const std::set<JobId>&)>& check) {
  TestRandom random(static_cast<unsigned>(::getpid()));
  std::set<JobId> acknowledged;
  int kills = 0;
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) work(pipe[1]);
    ::close(pipe[1]);
    ::usleep(static_cast<useconds_t>(5'000 + random.Below(150'000)));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    kills += WIFSIGNALED(status) ? 1 : 0;
    EXPECT_TRUE(WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL : WEXITSTATUS(status) == 0)
        << "it ended by itself, with status " << status;
    for (JobId id{}; ::read(pipe[0], &id, sizeof id) == sizeof id;) acknowledged.insert(id);
    ::close(pipe[0]);
    check(acknowledged);
  }
  EXPECT_GT(kills, 0);
  EXPECT_FALSE(acknowledged.empty());
}

}  // namespace dinsd
