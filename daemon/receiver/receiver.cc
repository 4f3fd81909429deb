#include "daemon/receiver/receiver.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

#include "daemon/messages/receiver_messages.h"
#include "daemon/process/message_channel.h"
#include "daemon/receiver/contexts.h"
#include "daemon/receiver/note.h"

namespace dinsd {
namespace {

using std::chrono::steady_clock;

constexpr int kTickMilliseconds = 250;
constexpr std::chrono::seconds kTellAgain{10};
constexpr std::chrono::milliseconds kPauseAfterError{20};

std::uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

Receiver::Receiver(const ReceiverSettings& settings, UniqueFd listener, int parent)
    : settings_(settings),
      listener_(std::move(listener)),
      parent_(parent),
      bell_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      admission_(settings),
      contexts_(AcceptedContexts(settings)),
      spool_(settings),
      gate_(settings.tls) {
  if (!bell_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Receiver::~Receiver() {
  for (Guest& guest : guests_) {
    guest.clock.Cut("the receiver ends");
    guest.thread.join();
  }
}

void Receiver::Run() {
  SendMessage(parent_, ReceiverWordText(ReceiverWord::kReady));
  while (listener_ || !guests_.empty()) {
    Wait();
    if (!HearParent()) return;
    if (listener_) Accept();
    turned_away_.Look(steady_clock::now());
    TellTurnedAway();
    WatchClocks();
    SeeOff();
    if (listener_ && served_ > 0 && ResidentBytes() > settings_.recycle_bytes) AskForRelief();
  }
}

void Receiver::Wait() {
  std::vector<pollfd> sources = {{parent_, POLLIN, 0}, {bell_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
  for (const int socket : turned_away_.Sockets()) sources.push_back({socket, POLLIN, 0});
  (void)::poll(sources.data(), sources.size(), kTickMilliseconds);
  std::uint64_t rings = 0;
  (void)!::read(bell_.get(), &rings, sizeof rings);
}

// False once the parent is gone. The one word that it has is that we are to finish.
bool Receiver::HearParent() {
  pollfd source{parent_, POLLIN, 0};
  if (::poll(&source, 1, 0) <= 0) return true;
  const std::optional<Message> message = ReceiveMessage(parent_);
  if (!message) return false;
  if (ParseReceiverWord(message->text) == ReceiverWord::kFinish) listener_.Reset();
  return true;
}

// The listening socket does not block: what another receiver was quicker to accept is not there any more.
void Receiver::Accept() {
  for (;;) {
    sockaddr_storage end{};
    socklen_t size = sizeof end;
    UniqueFd socket(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&end), &size, SOCK_CLOEXEC));
    if (!socket) {
      if (errno != EAGAIN) std::this_thread::sleep_for(kPauseAfterError);  // out of descriptors, say
      return;
    }
    const std::optional<IpAddress> address = IpAddressOf(reinterpret_cast<const sockaddr&>(end));
    if (!address) continue;
    const bool is_known = admission_.IsKnownAddress(*address);
    std::unique_ptr<Admission::Place> place = is_known ? admission_.Enter(*address) : nullptr;
    if (place) {
      Welcome(std::move(socket), *address, std::move(place));
    } else {
      ++turned_away_count_;
      turned_away_.Add(std::move(socket), is_known ? TurnedAway::Why::kLimit : TurnedAway::Why::kUnknown,
                       steady_clock::now());
    }
  }
}

void Receiver::Welcome(UniqueFd socket, const IpAddress& address, std::unique_ptr<Admission::Place> place) {
  Guest& guest = guests_.emplace_back(std::move(socket), address, std::move(place), settings_);
  try {
    guest.thread = std::thread([this, &guest] { Serve(guest); });
  } catch (const std::system_error&) {
    guests_.pop_back();
    Note(Severity::kError, "no thread could be started");
  }
}

void Receiver::Serve(Guest& guest) {
  try {
    Entertain(guest);
  } catch (const std::exception&) {  // out of memory, say; its words may hold anything
    Note(Severity::kError, "an association ended by an error", {{"address", IpAddressText(guest.address)}});
  }
  guest.is_over = true;
  const std::uint64_t ring = 1;
  (void)!::write(bell_.get(), &ring, sizeof ring);
}

void Receiver::Entertain(Guest& guest) {
  auto [association, tls_fault] = gate_.Receive(std::move(guest.socket), guest.clock);
  if (!association) return TellUnassociated(guest, tls_fault);
  const std::string title = association->params->DULparams.callingAPTitle;
  StoreAssociation::Account account;
  if (guest.place->TakeTitle(title)) {
    account = StoreAssociation(settings_, contexts_, admission_, spool_, guest.clock).Serve(std::move(association));
  } else {
    RefuseForLimit(*association);
    account.end = "refused: max_per_ae is reached";
    guest.clock.Begin(PeerClock::Phase::kEnd);
  }
  const bool is_usual = account.refused == 0 && account.end == "released";
  nlohmann::json fields = {{"address", IpAddressText(guest.address)},
                           {"calling_ae", title},
                           {"kept", account.kept},
                           {"refused", account.refused},
                           {"end", account.end}};
  if (account.refused > 0) fields["last_refusal"] = account.last_refusal;
  Note(is_usual ? Severity::kInfo : Severity::kWarning, "association over", fields);
}

void Receiver::TellUnassociated(const Guest& guest, const std::string& tls_fault) {
  const char* const cut = guest.clock.cut();
  const std::string why = cut != nullptr ? cut : tls_fault.empty() ? "asked for no association" : "TLS: " + tls_fault;
  const bool is_refused = cut == nullptr && !tls_fault.empty();
  Note(is_refused ? Severity::kWarning : Severity::kDebug, "connection over",
       {{"address", IpAddressText(guest.address)}, {"end", why}});
}

void Receiver::TellTurnedAway() {
  const PeerClock::Time now = steady_clock::now();
  if (turned_away_count_ == 0 || now - told_ < kTellAgain) return;
  Note(Severity::kWarning, "connections turned away: too many, or none of peers", {{"count", turned_away_count_}});
  turned_away_count_ = 0;
  told_ = now;
}

void Receiver::WatchClocks() {
  const PeerClock::Time now = steady_clock::now();
  for (Guest& guest : guests_) {
    const char* const why = guest.clock.Fault(now);
    if (why != nullptr) guest.clock.Cut(why);
  }
}

void Receiver::SeeOff() {
  for (auto guest = guests_.begin(); guest != guests_.end();) {
    if (guest->is_over) guest->thread.join();
    served_ += guest->is_over ? 1 : 0;
    guest = guest->is_over ? guests_.erase(guest) : std::next(guest);
  }
}

// DCMTK loses memory with each association. The next receiver listens at the same socket; no peer notices.
void Receiver::AskForRelief() {
  listener_.Reset();
  Note(Severity::kInfo, "receiver asks for relief: recycle_mib is reached");
  SendMessage(parent_, ReceiverWordText(ReceiverWord::kRelieve));
}

}  // namespace dinsd
