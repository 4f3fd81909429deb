#pragma once

#include "storage/outbox.h"
#include "tests/storage/queue_fixture.h"

namespace dinsd {

/// An outbox beside a queue whose results it sends.
class OutboxTest : public QueueTest {
 protected:
  OutboxTest()
      : outbox_(database_, clock_, [this] { return static_cast<std::uint64_t>(random_.Below(INT64_MAX)) * 2; }) {}

  /// A published result, offered to `destinations`.
  JobId Published(const std::string& entry, const std::vector<std::string>& destinations = {"pacs"}) {
    const JobId job = Done(entry);
    OfferAll(destinations);
    return job;
  }

  void OfferAll(const std::vector<std::string>& destinations) {
    std::vector<Outbox::Offered> offered;
    for (const std::string& name : destinations) offered.push_back({name, "", ""});
    for (const PublishedResult& result : outbox_.Unoffered()) outbox_.Offer(result.job, result.revision, offered);
  }

  /// The next revision of a published job.
  void PublishNext(JobId job) {
    ASSERT_EQ(queue_.Retry(job, "somebody", "").what, JobQueue::Answer::What::kDone);
    const std::optional<Lease> reader = queue_.BeginInspection(job);
    const std::string key = JobOf(job).entry + " again " + std::to_string(++keys_);
    ASSERT_EQ(queue_.Enqueue(reader.value(), Order(key)).what, JobQueue::Enqueued::What::kAvailable);
    Publish(queue_.LeaseNext().value().lease);
  }

  std::optional<OutboxEntry> Begin(const std::string& destination = "pacs") {
    return outbox_.Begin(destination, options_of_pacs_, std::chrono::seconds(600), "2.25." + std::to_string(++uid_));
  }

  Fenced End(const OutboxEntry& entry, SendEnd end) {
    return outbox_.End(entry.key, entry.attempt, end, options_of_pacs_, {"CODE", "", "", "words"},
                       {{"dicom/seg.dcm", "1.2.3", 0, false}, {"dicom/sr.dcm", "1.2.4", 0, false}});
  }

  [[nodiscard]] OutboxState StateOf(const OutboxKey& key) { return outbox_.Find(key).value().progress.state; }

  OutboxOptions options_of_pacs_{.attempts = 3, .backoff = std::chrono::seconds(8)};
  Outbox outbox_;
  int uid_ = 0;
  int keys_ = 0;
};

inline void PrintTo(OutboxState state, std::ostream* out) {
  *out << Word(state);
}

}  // namespace dinsd
