#include "daemon/receiver/peer_clock.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "daemon/process/unique_fd.h"

namespace dinsd {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Phase = PeerClock::Phase;

const PeerClock::Time kStart{hours(1)};
const seconds kJust{0};

class PeerClockTest : public testing::Test {
 protected:
  [[nodiscard]] bool IsInTime(milliseconds after) const { return clock_.Fault(kStart + after) == nullptr; }

  ReceiverSettings limits_{.request_limit = seconds(5),
                           .idle_limit = seconds(30),
                           .association_limit = seconds(600),
                           .least_bytes_per_second = 1000};
  PeerClock clock_{limits_, -1, kStart};
};

TEST_F(PeerClockTest, ARequestHasItsOwnTimeHoweverItTrickles) {
  EXPECT_TRUE(IsInTime(seconds(5)));
  clock_.Count(1, kStart + seconds(5));
  EXPECT_FALSE(IsInTime(milliseconds(5001)));
}

TEST_F(PeerClockTest, AMessageIsWaitedForAndNoByteOfItBuysMoreTime) {
  clock_.Begin(Phase::kMessage, kStart);
  clock_.Count(1, kStart + seconds(29));
  EXPECT_TRUE(IsInTime(seconds(30)));
  EXPECT_FALSE(IsInTime(milliseconds(30'001)));
  clock_.Begin(Phase::kMessage, kStart + seconds(30));
  EXPECT_TRUE(IsInTime(seconds(60)));
}

TEST_F(PeerClockTest, ACommandHasABound) {
  clock_.Begin(Phase::kMessage, kStart);
  clock_.Count(1 << 20, kStart);
  EXPECT_TRUE(IsInTime(kJust));
  clock_.Count(1, kStart);
  EXPECT_FALSE(IsInTime(kJust));
}

TEST_F(PeerClockTest, AnObjectMayTakeLongButNotPause) {
  clock_.Begin(Phase::kObject, kStart);
  clock_.Count(100'000, kStart + seconds(10));
  EXPECT_TRUE(IsInTime(seconds(40)));
  EXPECT_FALSE(IsInTime(seconds(41)));
  clock_.Count(1, kStart + seconds(40));
  EXPECT_TRUE(IsInTime(seconds(70)));
}

TEST_F(PeerClockTest, AByteASecondIsTooSlow) {
  clock_.Begin(Phase::kObject, kStart);
  for (int second = 0; second < 31; ++second) clock_.Count(1, kStart + seconds(second));
  EXPECT_FALSE(IsInTime(seconds(31)));
}

TEST_F(PeerClockTest, AnObjectAtTheLeastRateIsTaken) {
  clock_.Begin(Phase::kObject, kStart);
  for (int second = 1; second < 300; ++second) {
    clock_.Count(1000, kStart + seconds(second));
    ASSERT_TRUE(IsInTime(seconds(second))) << second;
  }
}

TEST_F(PeerClockTest, ARateOfZeroIsNone) {
  limits_.least_bytes_per_second = 0;
  clock_.Begin(Phase::kObject, kStart);
  for (int second = 0; second < 100; ++second) clock_.Count(1, kStart + seconds(second));
  EXPECT_TRUE(IsInTime(seconds(100)));
}

TEST_F(PeerClockTest, AnAssociationEndsSomeDayButNotWhileAnObjectIsKept) {
  clock_.Begin(Phase::kAnswer, kStart);
  EXPECT_TRUE(IsInTime(hours(1)));
  clock_.Begin(Phase::kMessage, kStart + seconds(600));
  EXPECT_TRUE(IsInTime(seconds(600)));
  EXPECT_FALSE(IsInTime(seconds(601)));
}

TEST_F(PeerClockTest, CutsTheConnectionOnceAndNeverAnotherOfItsNumber) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  const UniqueFd ours(ends[0]), theirs(ends[1]);
  char byte = 0;
  PeerClock gone(limits_, ours.get(), kStart);
  gone.Forget();
  gone.Cut("late");
  EXPECT_EQ(gone.cut(), nullptr);
  EXPECT_EQ(::recv(theirs.get(), &byte, 1, MSG_DONTWAIT), -1) << "nothing has ended";
  PeerClock clock(limits_, ours.get(), kStart);
  clock.Cut("late");
  clock.Cut("for another reason");
  EXPECT_STREQ(clock.cut(), "late");
  EXPECT_EQ(::recv(theirs.get(), &byte, 1, 0), 0);
}

}  // namespace
}  // namespace dinsd
