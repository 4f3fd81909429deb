#include "tests/storage/queue_fixture.h"

// Thousands of random calls, many of them with leases that are no longer current: whatever the order, no call does what
// the table of transitions forbids (the queue would throw), and the promises hold after each.

namespace dinsd {
namespace {

class QueueRandomWalk : public QueueTest {
 protected:
  // One random call with a random job and a random lease, old or new.
  void Step() {
    const std::string entry = std::to_string(random_.Below(6));
    const Lease lease = AnyLease();
    const JobId id{1 + random_.Below(6)};
    // The first nine bring a job on and are called more often.
    switch (random_.Below(3) > 0 ? random_.Below(9) : 9 + random_.Below(9)) {
      case 0:
        static_cast<void>(queue_.SeeStudy(Sighting(entry, std::to_string(random_.Below(3)))));
        break;
      case 1:
      case 2:
        Keep(queue_.BeginInspection(id));
        break;
      case 3:
      case 4:
        static_cast<void>(queue_.Enqueue(lease, Order(std::to_string(random_.Below(24)))));
        break;
      case 5:
      case 6: {
        const std::optional<LeasedJob> leased = queue_.LeaseNext();
        if (leased) Keep(leased->lease);
        break;
      }
      case 7:
        Count(queue_.BeginPublish(lease, "digest"));
        break;
      case 8:
        completed_ += queue_.Complete(lease) == Fenced::kDone ? 1 : 0;
        break;
      case 9:
        Count(queue_.Fail(lease, JobQueue::FailureKind(random_.Below(2)), {"CODE", "", "", ""}));
        break;
      case 10:
        Count(queue_.HandBack(lease, ""));
        break;
      case 11:
        Count(queue_.InputChanged(lease, ""));
        break;
      case 12:
        Count(queue_.Refuse(lease, JobState::kRejected, {"CODE", "", "", ""}));
        break;
      case 13:
        AskFor(id);
        break;
      case 14:
        queue_.StudyGone(id);
        break;
      case 15:
        Keep(MakeQueue({"machine", "boot", 200 + random_.Below(100), 1}).TakeBackOwnLeases());
        break;
      case 16:
        Keep(queue_.ExpireLeases());
        break;
      default:
        clock_.Pass(std::chrono::seconds(random_.Below(100)));
        break;
    }
  }

  // Mostly the newest, so that jobs get on; else one that is likely to be stale.
  Lease AnyLease() {
    if (leases_.empty()) return {};
    return random_.Below(3) > 0 ? leases_.back() : leases_[Pick(leases_.size())];
  }

  void AskFor(JobId id) {
    switch (random_.Below(8)) {
      case 0:
        queue_.Hold(id, "", "");
        break;
      case 1:
        queue_.Release(id, "", "");
        break;
      case 2:
        queue_.Cancel(id, "", "");
        break;
      case 3:
        queue_.Retry(id, "", "");
        break;
      default:
        queue_.Snooze(id, clock_.wall + std::chrono::seconds(50), "", "");
        break;
    }
  }

  void ExpectPromises() {
    EXPECT_EQ(database_.Number("SELECT count(*) FROM result"), completed_) << "a result without its Complete";
    EXPECT_EQ(database_.Number("SELECT count(*) FROM job WHERE state = 'done' AND NOT EXISTS (SELECT 1 FROM result"
                               " WHERE job = job.id AND revision = job.revision AND digest = job.result_digest"
                               " AND key = job.key)"),
              0);
    EXPECT_EQ(
        database_.Number("SELECT count(*) FROM job WHERE state = 'cancelled' AND code = 'DUPLICATE' AND"
                         " duplicate_of IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job o WHERE o.id ="
                         " job.duplicate_of AND (o.state <> 'cancelled' OR o.code = 'DUPLICATE'))"
                         " AND NOT EXISTS (SELECT 1 FROM result r WHERE r.job = job.duplicate_of AND r.key = job.key)"),
        0)
        << "a copy that points neither to a job nor to its result";
  }

  // Nor is a key published by two jobs: a person's retry makes the next revision of the same one.
  void ExpectPublishedByOneJob() {
    EXPECT_EQ(database_.Number("SELECT count(*) FROM (SELECT key FROM result GROUP BY key HAVING count(DISTINCT job) > "
                               "1)"),
              0);
  }

  std::size_t Pick(std::size_t count) {
    return static_cast<std::size_t>(random_.Below(static_cast<std::int64_t>(count)));
  }
  void Keep(const std::optional<Lease>& lease) {
    if (lease) leases_.push_back(*lease);
    if (leases_.size() > 12) leases_.erase(leases_.begin());
  }
  void Keep(const JobQueue::TakenBack& taken) {
    for (const LeasedJob& job : taken.publishing) Keep(job.lease);
  }
  static void Count(Fenced) {}

  std::vector<Lease> leases_;
  std::int64_t completed_ = 0;
};

TEST_F(QueueRandomWalk, KeepsThePromisesWhateverIsCalledInWhateverOrder) {
  for (int step = 0; step < 6000; ++step) {
    Step();
    ExpectPromises();
    ExpectPublishedByOneJob();
    ASSERT_FALSE(HasFailure()) << "after step " << step;
  }
  EXPECT_GT(completed_, 5) << "the walk published next to nothing";
}

}  // namespace
}  // namespace dinsd
