#include "daemon/service/count_questions.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "daemon/log/log.h"
#include "daemon/messages/message_fields.h"
#include "storage/clock.h"

namespace dinsd {
namespace {

constexpr std::chrono::seconds kMargin{30};
constexpr const char* kSenderSilent = "SENDER_SILENT";

// To connect, to open and close an association, and for the answer.
std::chrono::seconds LimitOf(const PeerAddress& peer) {
  return peer.connect_limit + 2 * peer.acse_limit + peer.dimse_limit + kMargin;
}

constexpr std::array<std::string_view, 4> kOfPeer = {"NOT_REACHED", "TLS_FILES", "QUERY_NOT_ACCEPTED", kSenderSilent};

// What says something of the peer or the sender, not of the study.
bool IsOfPeer(const CountAnswer& answer) {
  return !answer.instances && std::find(kOfPeer.begin(), kOfPeer.end(), answer.reason.code) != kOfPeer.end();
}

// None had it before, nor will have it after a restart.
std::string NewName() {
  const RandomBits random = SystemRandom();
  return std::to_string(random()) + "-" + std::to_string(random());
}

CountAnswer ParsedOrNone(const std::string& text) {
  try {
    return ParseCountAnswer(text);
  } catch (const MessageError&) {
    Log(Severity::kError, "the sender spoke nonsense");
    return {std::nullopt, {"SENDER_PROTOCOL", "", "", "the sender's answer was refused"}};
  }
}

}  // namespace

void CountQuestions::Ask(JobId job, const DestinationSettings& peer, const std::string& study_uid) {
  Forget(job);
  questions_.push_back({job, {peer.name, AddressOf(peer), study_uid}});
}

void CountQuestions::Forget(JobId job) {
  const auto found = std::find_if(questions_.begin(), questions_.end(), [&](const auto& q) { return q.job == job; });
  if (found == questions_.end()) return;
  if (!found->name.empty()) Spool().RemoveQuestion(found->name);
  questions_.erase(found);
}

void CountQuestions::Tick(Clock::time_point now) {
  if (questions_.empty()) return;
  TakeAnswers();
  GiveUp(now);
  HandOver(now);
}

void CountQuestions::TakeAnswers() {
  const OutgoingSpool spool = Spool();
  for (const OutgoingSpool::Letter& letter : spool.Counts()) {
    const std::string name = letter.file.stem();
    const auto found =
        std::find_if(questions_.begin(), questions_.end(), [&](const auto& q) { return q.name == name; });
    if (found == questions_.end()) {
      spool.RemoveQuestion(name);
    } else {
      End(found->job, ParsedOrNone(letter.text));
    }
  }
}

void CountQuestions::GiveUp(Clock::time_point now) {
  const auto overdue = [&] {
    return std::find_if(questions_.begin(), questions_.end(),
                        [&](const auto& q) { return !q.name.empty() && q.limit <= now; });
  };
  for (auto found = overdue(); found != questions_.end(); found = overdue())
    End(found->job, {std::nullopt, {kSenderSilent, "", "", "the sender gave no answer: does it run?"}});
}

bool CountQuestions::IsAsked(const std::string& destination) const {
  return std::any_of(questions_.begin(), questions_.end(),
                     [&](const Question& q) { return !q.name.empty() && q.question.destination == destination; });
}

void CountQuestions::HandOver(Clock::time_point now) {
  std::optional<JobId> failed;
  std::string why;
  for (Question& next : questions_) {
    if (!next.name.empty() || IsAsked(next.question.destination)) continue;
    try {
      const std::string name = NewName();
      Spool().Ask(name, CountQuestionText(next.question));
      next.name = name;
      next.limit = now + LimitOf(next.question.peer);
    } catch (const std::system_error& error) {  // no room, say
      failed = next.job;
      why = error.code().message();
    }
  }
  if (failed)
    End(*failed, {std::nullopt, {"SPOOL", "", "", "the question could not be put into the outgoing spool: " + why}});
}

void CountQuestions::End(JobId job, const CountAnswer& answer) {
  const auto ended = std::find_if(questions_.begin(), questions_.end(), [&](const auto& q) { return q.job == job; });
  std::vector<JobId> jobs = {job};
  if (IsOfPeer(answer)) {
    for (const Question& other : questions_) {
      if (other.job != job && other.question.destination == ended->question.destination) jobs.push_back(other.job);
    }
  }
  for (const JobId over : jobs) Forget(over);
  for (const JobId over : jobs) answered_(over, answer);
}

}  // namespace dinsd
