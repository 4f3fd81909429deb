#include "storage/fair_share.h"

#include "tests/storage/queue_fixture.h"

namespace dinsd {
namespace {

class FairShareTest : public QueueTest {
 protected:
  void Fill(Lane lane, const std::string& source, int jobs) {
    for (int i = 0; i < jobs; ++i) Available(std::string(Word(lane)) + source + std::to_string(next_++), lane, source);
  }

  Job Next() { return queue_.LeaseNext().value().job; }

  int next_ = 0;
};

TEST_F(FairShareTest, LanesShareByTheirWeights) {
  Fill(Lane::kUrgent, "incoming", 17);
  Fill(Lane::kRoutine, "incoming", 9);
  Fill(Lane::kBulk, "incoming", 3);
  std::map<Lane, int> given;
  for (int i = 0; i < 26; ++i) ++given[Next().lane];
  EXPECT_EQ(given[Lane::kUrgent], 16);
  EXPECT_EQ(given[Lane::kRoutine], 8);
  EXPECT_EQ(given[Lane::kBulk], 2);
}

TEST_F(FairShareTest, AnUrgentStudyPassesALongQueueAtOnce) {
  Fill(Lane::kBulk, "archive", 40);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Next().lane, Lane::kBulk);
  Fill(Lane::kUrgent, "incoming", 1);
  EXPECT_EQ(Next().lane, Lane::kUrgent);
}

TEST_F(FairShareTest, ALaneThatWasIdleSavesUpNoTurns) {
  Fill(Lane::kUrgent, "incoming", 1);
  Next();
  Fill(Lane::kBulk, "archive", 12);
  for (int i = 0; i < 10; ++i) Next();
  Fill(Lane::kUrgent, "incoming", 11);
  int urgent = 0;
  while (Next().lane == Lane::kUrgent) ++urgent;
  EXPECT_LE(urgent, 9) << "at most one more than its weight before the other lane has its turn";
}

TEST_F(FairShareTest, SourcesOfALaneTakeTurns) {
  Fill(Lane::kRoutine, "archive", 9);
  for (int i = 0; i < 5; ++i) Next();
  Fill(Lane::kRoutine, "ward", 3);
  std::vector<std::string> order;
  for (int i = 0; i < 6; ++i) order.push_back(Next().source);
  EXPECT_EQ(std::count(order.begin(), order.end(), "ward"), 3);
}

TEST_F(FairShareTest, TheOrderOutlivesARestart) {
  for (const Lane lane : {Lane::kUrgent, Lane::kRoutine, Lane::kBulk}) Fill(lane, "incoming", 14);
  std::map<Lane, int> given;
  for (int i = 0; i < 13; ++i) {
    JobQueue fresh = MakeQueue(kThisProcess);
    ++given[fresh.LeaseNext().value().job.lane];
  }
  EXPECT_EQ(given[Lane::kUrgent], 8);
  EXPECT_EQ(given[Lane::kRoutine], 4);
}

}  // namespace
}  // namespace dinsd
