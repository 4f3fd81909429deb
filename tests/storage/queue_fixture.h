#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "storage/job_codes.h"
#include "storage/job_queue.h"
#include "storage/storage_error.h"
#include "tests/random.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// Clocks that a test sets.
class FakeClock : public Clock {
 public:
  [[nodiscard]] WallTime WallNow() const override { return wall; }
  [[nodiscard]] std::chrono::milliseconds SinceBoot() const override { return boot; }

  /// Time goes by.
  void Pass(std::chrono::milliseconds time) {
    wall += time;
    boot += time;
  }

  WallTime wall{std::chrono::sys_days(std::chrono::year(2026) / 3 / 1)};
  std::chrono::milliseconds boot{1'000'000};
};

inline const ProcessIdentity kThisProcess{"machine", "boot", 100, 1};

/// A queue in a folder of its own, with a clock and random numbers of the test.
class QueueTest : public testing::Test {
 protected:
  explicit QueueTest(QueueOptions options = {})
      : options_(options), database_(folder_.path() / "dinsd.sqlite"), queue_(MakeQueue(kThisProcess)) {}

  [[nodiscard]] JobQueue MakeQueue(const ProcessIdentity& self) {
    return {database_, options_, clock_, [this] { return static_cast<std::uint64_t>(random_.Below(INT64_MAX)) * 2; },
            self};
  }

  [[nodiscard]] static StudySighting Sighting(const std::string& entry, const std::string& fingerprint = "f1",
                                              const std::string& source = "incoming") {
    return {source, "/data/" + source, entry, fingerprint, Lane::kRoutine};
  }

  [[nodiscard]] static WorkOrder Order(const std::string& key, Lane lane = Lane::kRoutine) {
    return {key, "weights", lane, {"P-1", "2026-01-02", "hash"}, "order of " + key};
  }

  /// A study on its way to the queue: seen, and lent to a reader.
  Lease Inspected(const std::string& entry, const std::string& fingerprint = "f1",
                  const std::string& source = "incoming") {
    const JobQueue::Seen seen = queue_.SeeStudy(Sighting(entry, fingerprint, source));
    return queue_.BeginInspection(seen.id).value();
  }

  /// A job that waits for a device; its key is its entry's name.
  JobId Available(const std::string& entry, Lane lane = Lane::kRoutine, const std::string& source = "incoming") {
    const Lease lease = Inspected(entry, "f1", source);
    EXPECT_EQ(queue_.Enqueue(lease, Order(entry, lane)).what, JobQueue::Enqueued::What::kAvailable);
    return lease.job;
  }

  /// A job that a worker has.
  Lease Running(const std::string& entry) {
    Available(entry);
    return queue_.LeaseNext().value().lease;
  }

  /// A job that is published and recorded.
  JobId Done(const std::string& entry) {
    const Lease lease = Running(entry);
    Publish(lease);
    return lease.job;
  }

  void Publish(const Lease& lease) {
    ASSERT_EQ(queue_.BeginPublish(lease, "digest"), Fenced::kDone);
    ASSERT_EQ(queue_.Complete(lease), Fenced::kDone);
  }

  [[nodiscard]] Job JobOf(JobId id) { return queue_.Find(id).value(); }
  [[nodiscard]] JobState StateOf(JobId id) { return JobOf(id).state; }

  TempFolder folder_{FastFolder()};
  FakeClock clock_;
  TestRandom random_{20260301};
  QueueOptions options_;
  Database database_;
  JobQueue queue_;
};

/// States are printed as their words.
inline void PrintTo(JobState state, std::ostream* out) {
  *out << Word(state);
}

}  // namespace dinsd
