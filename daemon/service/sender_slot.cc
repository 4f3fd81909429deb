#include "daemon/service/sender_slot.h"

#include <algorithm>
#include <system_error>

#include "daemon/log/log.h"

namespace dinsd {
namespace {

constexpr std::uint64_t kAddressSpace = std::uint64_t{4} << 30U;  // objects are read whole
constexpr std::chrono::milliseconds kRestartPause{500};
constexpr std::chrono::milliseconds kLongestPause{60'000};

bool IsWanted(const Settings& settings) {
  return settings.sender.start && std::any_of(settings.destinations.begin(), settings.destinations.end(),
                                              [](const auto& d) { return d.kind == DestinationKind::kCStore; });
}

}  // namespace

SenderSlot::SenderSlot(ServiceContext& context) : context_(context), restart_(context.io) {}

void SenderSlot::Configure() {
  const bool is_wanted = IsWanted(context_.settings);
  if (child_ && is_wanted && spool_ == context_.settings.sender.spool_dir) return;
  Stop();
  failed_starts_ = 0;
  spool_ = context_.settings.sender.spool_dir;
  if (is_wanted) Start();
}

void SenderSlot::Start() {
  try {
    const std::vector<std::string> words = {"--send", spool_.string(),
                                            std::to_string(static_cast<int>(CurrentLogForm())),
                                            std::to_string(static_cast<int>(context_.settings.daemon.log_level))};
    child_ =
        Child::Start(context_.io, context_.programs / "dinsd-receiver", words, {.address_space_bytes = kAddressSpace},
                     {[](const std::string&) {},
                      [this](const std::string& how) {
                        Log(Severity::kError, "sender ended by itself", {{"how", how}});
                        child_.reset();
                        StartLater();
                      }});
  } catch (const std::system_error& error) {
    Log(Severity::kError, "no sender could be started", {{"fault", error.what()}});
    StartLater();
  }
}

void SenderSlot::StartLater() {
  restart_.expires_after(std::min(kLongestPause, kRestartPause * (1 << std::min(failed_starts_, 10))));
  ++failed_starts_;
  restart_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Start();
  });
}

void SenderSlot::Stop() {
  restart_.cancel();
  if (child_) child_->Abandon();
  child_.reset();
}

}  // namespace dinsd
