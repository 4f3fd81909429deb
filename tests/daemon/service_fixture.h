#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/service/context.h"
#include "storage/history.h"
#include "storage/outbox.h"
#include "tests/storage/queue_fixture.h"

namespace dinsd {

/// What the parts of a service share, without a service: a queue, a history and a results folder of the test. All
/// studies are of patient "P" and lie in the watched folder "incoming".
class ServiceContextTest : public QueueTest {
 protected:
  [[nodiscard]] std::filesystem::path Incoming() const { return folder_.path() / "incoming"; }
  [[nodiscard]] std::filesystem::path Place(JobId job, std::int64_t revision) const {
    return results_.Place(static_cast<std::int64_t>(job), revision);
  }

  /// A study in its folder that a reader looks at.
  Lease Looked(const std::string& entry, const std::string& fingerprint = "f1") {
    std::filesystem::create_directories(Incoming() / entry);
    const JobQueue::Seen seen = queue_.SeeStudy({"incoming", Incoming().string(), entry, fingerprint, Lane::kRoutine});
    return queue_.BeginInspection(seen.id).value();
  }

  /// Publishes a study that a reader looks at under the key `key`; its folder is empty but for what Write puts there.
  JobId Publish(const Lease& lease, const std::string& key, const std::string& date, const std::string& standing) {
    WorkOrder order = Order(key);
    order.facts = {"P", date, ""};
    EXPECT_EQ(queue_.Enqueue(lease, order).what, JobQueue::Enqueued::What::kAvailable);
    QueueTest::Publish(queue_.LeaseNext().value().lease);
    const std::int64_t revision = JobOf(lease.job).revision;
    std::filesystem::create_directories(Place(lease.job, revision));
    history_.Note(lease.job, revision, {"P", date, standing, "method"});
    return lease.job;
  }

  JobId Published(const std::string& entry, const std::string& date, const std::string& standing = "final") {
    return Publish(Looked(entry), entry, date, standing);
  }

  /// The next revision of a published study.
  void Revise(JobId job, const std::string& date, const std::string& standing = "final") {
    ASSERT_EQ(queue_.Retry(job, "somebody", "").what, JobQueue::Answer::What::kDone);
    const std::string key = JobOf(job).entry + " again " + std::to_string(JobOf(job).revision);
    Publish(queue_.BeginInspection(job).value(), key, date, standing);
  }

  void Write(JobId job, std::int64_t revision, const char* file, const nlohmann::json& json) const {
    std::ofstream(Place(job, revision) / file) << json;
  }

  Settings settings_;
  boost::asio::io_context io_;
  History history_{database_};
  Outbox outbox_{database_, clock_};
  ResultStore results_{ResultsClaim(folder_.path() / "results", {"id", "/state"})};
  ResultIndex index_{folder_.path() / "results" / "index.csv"};
  ServiceContext context_{io_, settings_, {}, queue_, history_, outbox_, results_, index_, false, {}, {}, "salt", {}};
};

}  // namespace dinsd
