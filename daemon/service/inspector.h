#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/messages/message_fields.h"
#include "daemon/messages/reader_messages.h"
#include "daemon/service/child.h"
#include "daemon/service/context.h"
#include "daemon/service/count_questions.h"
#include "daemon/service/settled_study.h"

namespace dinsd {

/// Has settled studies looked at: one short-lived reader per study, a few at a time, each for a limited time. What a
/// reader says becomes the job's next state, for a received study once a peer was asked how many instances it has,
/// where that is wanted; a reader that dies or says nonsense is a crash of that study.
class Inspector {
 public:
  struct Events {
    std::function<void()> on_available;                            // a job waits for a worker
    std::function<void(const SettledStudy& study)> on_incomplete;  // something is not there yet: wait
  };

  Inspector(ServiceContext& context, Events events);

  /// Takes a study, or newer word of one that is waiting still.
  void Add(const SettledStudy& study);

  /// Takes the answers of peers; to be called every second or so.
  void Tick() { counts_.Tick(); }

  /// Renews the leases of running readers and ends those whose study was taken away.
  void Renew();

  /// Stops: every reader ends, every lease is handed back.
  void HandBackAll();

  [[nodiscard]] std::size_t running() const { return running_.size(); }

 private:
  struct Running {
    SettledStudy study;
    Lease lease;
    std::shared_ptr<Child> child;  // nothing once it has answered
    std::unique_ptr<boost::asio::steady_timer> deadline;
    bool is_overdue = false;
    ReaderAnswer answer;  // while a peer is asked
  };

  [[nodiscard]] bool IsBeingRead(JobId id);
  [[nodiscard]] std::size_t Readers() const;
  void StartWaiting();
  void Start(const SettledStudy& study, const Lease& lease);
  void OnAnswer(JobId id, const std::string& text);
  void OnNonsense(JobId id, const MessageError& error);
  void AskForCount(Running& running, const DestinationSettings& peer);
  void OnCount(JobId id, const CountAnswer& count);
  void Conclude(JobId id);
  void OnExit(JobId id, const std::string& how);
  void Remove(JobId id);

  ServiceContext& context_;
  Events events_;
  std::map<JobId, SettledStudy> waiting_;
  std::map<JobId, Running> running_;
  CountQuestions counts_;
  bool is_stopping_ = false;
};

}  // namespace dinsd
