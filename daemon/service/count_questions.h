#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <string>

#include "daemon/messages/count_messages.h"
#include "daemon/outgoing/outgoing_spool.h"
#include "daemon/service/context.h"

namespace dinsd {

/// Has the sender ask DICOM peers how many instances studies have, through the outgoing spool: one question to a peer
/// at a time. Each gets an answer within the limits of its peer, if only that the sender is silent; those that wait for
/// a peer that cannot be reached get that answer too, so that it holds up nobody for long. Not thread-safe.
class CountQuestions {
 public:
  using Clock = std::chrono::steady_clock;
  using Answered = std::function<void(JobId job, const CountAnswer& answer)>;

  CountQuestions(ServiceContext& context, Answered answered) : context_(context), answered_(std::move(answered)) {}

  /// Asks for the study of a job; the answer comes out of a later Tick.
  void Ask(JobId job, const DestinationSettings& peer, const std::string& study_uid);

  /// Nobody waits for that answer any more.
  void Forget(JobId job);

  /// Takes answers, gives up what is overdue, hands over what is next; to be called every second or so.
  void Tick(Clock::time_point now = Clock::now());

 private:
  struct Question {
    JobId job{};
    CountQuestion question;
    std::string name = {};         // in the spool; empty = not handed over yet
    Clock::time_point limit = {};  // once it is
  };

  [[nodiscard]] OutgoingSpool Spool() const { return OutgoingSpool(context_.settings.sender.spool_dir); }
  [[nodiscard]] bool IsAsked(const std::string& destination) const;
  void TakeAnswers();
  void GiveUp(Clock::time_point now);
  void HandOver(Clock::time_point now);
  void End(JobId job, const CountAnswer& answer);

  ServiceContext& context_;
  Answered answered_;
  std::list<Question> questions_;
};

}  // namespace dinsd
