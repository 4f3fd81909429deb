#include "daemon/service/measure_again.h"

#include "tests/daemon/service_fixture.h"

namespace dinsd {
namespace {

class MeasureAgainTest : public ServiceContextTest {
 protected:
  [[nodiscard]] Timepoint Newest(JobId job) {
    return {job, JobOf(job).revision, "incoming", "digest", {"P", "", "final", "method"}};
  }
};

// While a prior's files change it cannot be queued; that it was wanted then does not use up its one time.
TEST_F(MeasureAgainTest, APriorThatCouldNotBeQueuedIsQueuedTheNextTime) {
  const JobId prior = Published("prior", "2025-01-01");
  Write(prior, 1, "provenance.json", {{"weights", {{"sha256", "others"}}}});
  const JobQueue::Seen seen = queue_.SeeStudy({"incoming", Incoming().string(), "prior", "f2", Lane::kRoutine});
  ASSERT_EQ(seen.what, JobQueue::Seen::What::kChanged);
  MeasurePriorAgain(context_, Newest(prior), JobId{99});
  EXPECT_FALSE(context_.measured_again.contains(prior));

  WorkOrder order = Order("prior");
  order.facts = {"P", "2025-01-01", ""};
  EXPECT_EQ(queue_.Enqueue(queue_.BeginInspection(prior).value(), order).what, JobQueue::Enqueued::What::kUnchanged);
  MeasurePriorAgain(context_, Newest(prior), JobId{99});
  EXPECT_TRUE(context_.measured_again.contains(prior));
  EXPECT_EQ(StateOf(prior), JobState::kSettling);
  EXPECT_EQ(JobOf(prior).revision, 2) << "it is measured again";

  Publish(queue_.BeginInspection(prior).value(), "prior again", "2025-01-01", "final");
  Write(prior, 2, "provenance.json", {{"weights", {{"sha256", "others"}}}});
  MeasurePriorAgain(context_, Newest(prior), JobId{99});
  EXPECT_EQ(StateOf(prior), JobState::kDone) << "once is enough";
}

}  // namespace
}  // namespace dinsd
