#include "pipeline/interval/rerun_time.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

TEST(RerunTimeTest, AReRunIsBegunWhereItWillBeOverInTime) {
  using std::chrono::seconds;
  const RerunTime::Clock::time_point begin{};
  RerunTime time(seconds(100), begin);
  time.BeginStudy(begin + seconds(10));
  EXPECT_NO_THROW(time.BeginRun(begin + seconds(20))) << "10 s as the study, half more, is over at 35 of 80 s";
  EXPECT_NO_THROW(time.Check(begin + seconds(50)));
  EXPECT_THROW(time.BeginRun(begin + seconds(50)), OutOfTime) << "one of 30 s, half more, is over at 95 s";
  EXPECT_THROW(time.Check(begin + seconds(81)), OutOfTime);
  RerunTime none(seconds(0), begin);
  EXPECT_NO_THROW(none.BeginRun(begin + seconds(1'000'000)));
}

}  // namespace
}  // namespace dinsd
