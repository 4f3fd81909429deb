#include "daemon/service/receiver_slot.h"

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "daemon/log/log.h"
#include "daemon/messages/message_fields.h"
#include "daemon/messages/receiver_messages.h"
#include "daemon/service/listening_socket.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kOpenFiles = 1000;  // DCMTK waits with select(2)
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 30U;
constexpr std::uint64_t kLooksAtOnce = 4;  // at objects, which are mapped for it
constexpr std::chrono::milliseconds kRestartPause{500};
constexpr std::chrono::milliseconds kLongestPause{60'000};
constexpr std::chrono::seconds kLongLife{60};

ChildLimits LimitsOf(const ReceiverSettings& settings) {
  return {.address_space_bytes = kAddressSpace + settings.recycle_bytes + kLooksAtOnce * settings.max_object_bytes,
          .open_files = kOpenFiles};
}

}  // namespace

ReceiverSlot::ReceiverSlot(ServiceContext& context) : context_(context), restart_(context.io) {}

void ReceiverSlot::Configure() {
  const ReceiverSettings& wanted = context_.settings.receiver;
  if (wanted == settings_) return;
  if (wanted.address != settings_.address || wanted.port != settings_.port || !wanted.enabled) listener_.Reset();
  settings_ = wanted;
  restart_.cancel();
  failed_starts_ = 0;
  Dismiss();
  if (settings_.enabled) Start();
}

void ReceiverSlot::Start() {
  try {
    std::filesystem::create_directories(settings_.spool_dir);
    if (!listener_) {
      std::optional<UniqueFd> passed = PassedSocket();
      listener_ = passed ? std::move(*passed) : ListenAt(settings_.address, settings_.port);
    }
    Launch();
  } catch (const std::system_error& error) {
    Log(Severity::kError, "no receiver could be started", {{"fault", error.what()}});
    StartLater();
  }
}

void ReceiverSlot::Launch() {
  const int number = ++last_;
  std::shared_ptr<Child> child =
      Child::Start(context_.io, context_.programs / "dinsd-receiver", {}, LimitsOf(settings_),
                   {[this, number](const std::string& text) { OnMessage(number, text); },
                    [this, number](const std::string& how) { OnExit(number, how); }});
  child->Send(
      ReceiverOrderText({settings_, CurrentLogForm(), static_cast<Severity>(context_.settings.daemon.log_level)}),
      UniqueFd(::fcntl(listener_.get(), F_DUPFD_CLOEXEC, 0)));
  children_[number] = std::move(child);
  current_ = number;
  started_ = std::chrono::steady_clock::now();
}

void ReceiverSlot::OnMessage(int number, const std::string& text) {
  try {
    switch (ParseReceiverWord(text)) {
      case ReceiverWord::kReady:
        Log(Severity::kInfo, "receiver listens", {{"port", PortOf(listener_.get())}});
        return;
      case ReceiverWord::kRelieve:
        if (number != current_) return;
        current_ = 0;
        return Start();
      case ReceiverWord::kFinish:
        break;  // ours to say
    }
  } catch (const MessageError&) {
  }
  Log(Severity::kError, "receiver spoke nonsense");
  children_.at(number)->Kill();
}

void ReceiverSlot::OnExit(int number, const std::string& how) {
  children_.erase(number);
  if (number != current_) return;
  current_ = 0;
  Log(Severity::kError, "receiver ended by itself", {{"how", how}});
  if (std::chrono::steady_clock::now() - started_ > kLongLife) failed_starts_ = 0;
  StartLater();
}

void ReceiverSlot::StartLater() {
  const auto pause = std::min(kLongestPause, kRestartPause * (1 << std::min(failed_starts_, 10)));
  ++failed_starts_;
  restart_.expires_after(pause);
  restart_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Start();
  });
}

void ReceiverSlot::Dismiss() {
  if (current_ != 0) children_.at(current_)->Send(ReceiverWordText(ReceiverWord::kFinish));
  current_ = 0;
}

void ReceiverSlot::Stop() {
  restart_.cancel();
  current_ = 0;
  for (const auto& [number, child] : children_) child->Abandon();
  children_.clear();
  listener_.Reset();
}

}  // namespace dinsd
