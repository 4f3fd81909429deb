#include "daemon/receiver/sender.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "daemon/messages/count_messages.h"
#include "daemon/messages/message_fields.h"
#include "daemon/receiver/count_instances.h"
#include "daemon/receiver/note.h"
#include "daemon/receiver/send_result.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr int kLookMilliseconds = 200;
constexpr std::chrono::seconds kPauseAfterError{10};
constexpr std::uint64_t kMostOrderBytes = std::uint64_t{4} << 20U;

UniqueFd LockSpool(const std::filesystem::path& folder) {
  UniqueFd lock(::open((folder / ".sender").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  while (lock && ::flock(lock.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  if (!lock) throw std::system_error(errno, std::generic_category(), "the outgoing spool");
  return lock;
}

nlohmann::json FieldsOf(const SendAnswer& answer) {
  nlohmann::json fields = {{"job", static_cast<std::int64_t>(answer.key.job)},
                           {"revision", answer.key.revision},
                           {"destination", answer.key.destination},
                           {"objects", answer.objects.size()}};
  if (!answer.reason.code.empty()) fields["code"] = answer.reason.code;
  return fields;
}

}  // namespace

Sender::Sender(const std::filesystem::path& spool) : spool_(spool) {
  spool_.Make();
  lock_ = LockSpool(spool);
}

Sender::~Sender() {
  for (Courier& courier : couriers_) courier.thread.join();
}

void Sender::Run(int parent) {
  for (;;) {
    DiscardDone();
    LookForOrders();
    LookForQuestions();
    pollfd source{parent, POLLIN, 0};  // the parent says nothing; its end is one
    if (::poll(&source, parent < 0 ? 0 : 1, kLookMilliseconds) > 0) return;
  }
}

void Sender::DiscardDone() {
  for (auto courier = couriers_.begin(); courier != couriers_.end();) {
    if (courier->is_over) courier->thread.join();
    courier = courier->is_over ? couriers_.erase(courier) : std::next(courier);
  }
}

bool Sender::IsBegun(const std::string& name) const {
  return std::any_of(couriers_.begin(), couriers_.end(), [&](const Courier& courier) { return courier.name == name; });
}

void Sender::LookForOrders() {
  std::vector<std::string> names = spool_.Orders();
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (IsBegun(name) || spool_.HasAnswer(name)) continue;
    try {
      Begin(name);
    } catch (const InputError&) {  // it was withdrawn
    } catch (const MessageError&) {
      Note(Severity::kError, "an order to send is of another version: was everything restarted?");
    }
  }
}

void Sender::LookForQuestions() {
  for (const OutgoingSpool::Letter& letter : spool_.Questions()) {
    const std::string name = letter.file.stem();
    if (IsBegun(name) || spool_.HasCount(name)) continue;
    Start("", name, [this, name, text = letter.text] { Reply(name, text); });
  }
}

// One at a time for each destination, so that nothing overtakes what was given up.
void Sender::Begin(const std::string& name) {
  const std::vector<std::byte> bytes = ReadFileBytes(spool_.OrderFolder(name), "order.json", kMostOrderBytes);
  const SendOrder order = ParseSendOrder({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  const bool is_busy = std::any_of(couriers_.begin(), couriers_.end(), [&](const Courier& courier) {
    return courier.destination == order.key.destination;
  });
  if (!is_busy) Start(order.key.destination, name, [this, name, order] { Serve(name, order); });
}

void Sender::Start(const std::string& destination, const std::string& name, const std::function<void()>& serve) {
  Courier& courier = couriers_.emplace_back();
  courier.destination = destination;
  courier.name = name;
  courier.thread = std::thread([&courier, serve] {
    try {
      serve();
    } catch (const std::exception&) {  // withdrawn, or no room for the answer: what is there without one is tried again
      Note(Severity::kError, "an order or question ended by an error", {{"destination", courier.destination}});
      std::this_thread::sleep_for(kPauseAfterError);
    }
    courier.is_over = true;
  });
}

void Sender::Serve(const std::string& name, const SendOrder& order) const {
  const SendAnswer answer = SendResult(order, spool_.OrderFolder(name), spool_);
  spool_.Answer(name, SendAnswerText(answer));
  const bool is_good = answer.end == SendEnd::kStored;
  Note(is_good ? Severity::kInfo : Severity::kWarning, is_good ? "result sent" : "result not sent", FieldsOf(answer));
}

void Sender::Reply(const std::string& name, const std::string& text) const {
  nlohmann::json fields = nlohmann::json::object();
  CountAnswer answer;
  try {
    const CountQuestion question = ParseCountQuestion(text);
    fields["destination"] = question.destination;
    answer = CountInstances(question);
  } catch (const MessageError&) {
    answer.reason = {"OTHER_VERSION", "", "", "the sender does not understand the question: was everything restarted?"};
  }
  spool_.Count(name, CountAnswerText(answer));
  if (!answer.instances) fields["code"] = answer.reason.code;
  Note(answer.instances ? Severity::kInfo : Severity::kWarning,
       answer.instances ? "instances counted" : "instances not counted", fields);
}

}  // namespace dinsd
