#include "daemon/service/service.h"

#include <csignal>
#include <string>
#include <utility>

#include "config/load_settings.h"
#include "config/watch_places.h"
#include "daemon/service/job_log.h"
#include "daemon/service/recovery.h"
#include "daemon/service/worker_check.h"
#include "daemon/service/worker_devices.h"

namespace dinsd {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{1000};            // jobs whose back-off is over, status, drain
constexpr milliseconds kExpiry{5000};          // leases that nobody renews
constexpr milliseconds kHousekeeping{60'000};  // checkpoint, prune

std::string CountsInWords(JobQueue& queue) {
  std::string words;
  for (const auto& [state, count] : queue.Counts()) {
    if (count > 0) words += (words.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(Word(state));
  }
  return words.empty() ? "no jobs" : words;
}

// Places and the log are taken at start only: what a reload cannot change stays, with a warning.
DaemonSettings WithoutRestart(const DaemonSettings& now, const DaemonSettings& wanted) {
  const auto warn = [](bool is_changed, const char* key) {
    if (is_changed) Log(Severity::kWarning, "a changed setting needs a restart", {{"key", key}});
  };
  warn(now.state_dir != wanted.state_dir, "daemon.state_dir");
  warn(now.results_dir != wanted.results_dir, "daemon.results_dir");
  warn(now.socket != wanted.socket, "daemon.socket");
  warn(now.socket_group != wanted.socket_group, "daemon.socket_group");
  warn(now.log_level != wanted.log_level, "daemon.log_level");
  warn(now.log_format != wanted.log_format, "daemon.log_format");
  warn(now.stop != wanted.stop, "daemon.stop_seconds");
  DaemonSettings taken = now;
  taken.least_free_bytes = wanted.least_free_bytes;
  return taken;
}

// The folders that stay are not those which the file was held against.
void CheckWatches(const Settings& settings) {
  std::vector<std::string> faults;
  for (const WatchSettings& watch : settings.watches) {
    for (const std::string& fault : SharedWithOwnFolders(watch, settings.daemon)) faults.push_back(fault);
  }
  if (!faults.empty()) throw ConfigError(faults);
}

}  // namespace

Service::Service(ServiceContext& context, Database& database, std::filesystem::path config)
    : context_(context),
      database_(database),
      config_(std::move(config)),
      inspector_(context, {[this] { dispatcher_.Pump(); }, [this](const SettledStudy& s) { intake_.AwaitChange(s); }}),
      intake_(context, inspector_),
      dispatcher_(context, [this] { StopIfQuiet(); }),
      receiver_(context),
      cleaner_(context),
      sending_(context),
      reports_(context, config_),
      commands_(context, intake_,
                {[this] {
                   dispatcher_.Renew();
                   inspector_.Renew();
                   intake_.ScanSoon();
                   dispatcher_.Pump();
                 },
                 [this] { dispatcher_.Renew(); }, [this] { return dispatcher_.Notice(); }}),
      outbox_commands_(context, sending_),
      control_(context.io, {context.settings.daemon.socket, context.settings.daemon.socket_group},
               [this](const nlohmann::json& request, const Requester& who) { return Answer(request, who); }),
      signals_(context.io, SIGTERM, SIGINT, SIGHUP) {}

nlohmann::json Service::Answer(const nlohmann::json& request, const Requester& who) {
  const bool has_command = request.is_object() && request.contains("command") && request["command"].is_string();
  if (!has_command || !OutboxCommands::Knows(request["command"])) return commands_.Answer(request, who);
  const nlohmann::json answer = outbox_commands_.Answer(request, who);
  if (!is_stopping_) sending_.Tick();
  return answer;
}

void Service::Run() {
  RecoverFromCrash(context_);
  StartTimers();
  AwaitSignals();
  dispatcher_.Configure();
  receiver_.Configure();
  sending_.Configure();
  intake_.Configure();
  cleaner_.Clean();
  reports_.Begin();
  supervisor_.Ready();
  Log(Severity::kInfo, "ready", {{"version", DINSD_VERSION}, {"sqlite", Database::LibraryVersion()}});
  context_.io.run();
  Log(Severity::kInfo, "stopped");
}

void Service::StartTimers() {
  const auto every = [this](milliseconds period, std::function<void()> call) {
    timers_.push_back(std::make_unique<Periodic>(context_.io, period, std::move(call)));
  };
  every(context_.settings.queue.heartbeat, [this] {
    dispatcher_.Renew();
    inspector_.Renew();
  });
  every(kTick, [this] { Tick(); });
  every(kExpiry, [this] { TakeBackExpired(context_); });
  every(context_.settings.queue.options.lease, [this] { (void)context_.results.Sweep(dispatcher_.Tokens()); });
  every(kHousekeeping, [this] { Sweep(); });
  if (const auto period = Supervisor::WatchdogPeriod()) every(*period, [this] { supervisor_.Alive(); });
}

void Service::Tick() {
  dispatcher_.Pump();
  if (!is_stopping_) inspector_.Tick();
  if (!is_stopping_) sending_.Tick();
  if (!is_stopping_) reports_.Tick();
  const std::string notice = dispatcher_.Notice();
  const std::string sending = sending_.Words();
  supervisor_.Status(CountsInWords(context_.queue) + (sending.empty() ? "" : "; " + sending) +
                     (notice.empty() ? "" : "; " + notice));
  StopIfQuiet();
}

void Service::Sweep() {
  const QueueSettings& keep = context_.settings.queue;
  (void)context_.queue.Prune({keep.keep_done, keep.keep_failed, keep.keep_waiting});
  if (dispatcher_.busy() == 0) database_.Checkpoint();
  cleaner_.Clean();
}

void Service::AwaitSignals() {
  signals_.async_wait([this](const boost::system::error_code& error, int signal) {
    if (error) return;
    AwaitSignals();
    Obey(signal);
  });
}

void Service::Obey(int signal) {
  if (signal == SIGHUP) return Reload();
  if (!is_stopping_) return Stop();
  dispatcher_.HandBackAll();  // asked twice: at once
}

void Service::Reload() {
  supervisor_.Reloading();
  try {
    Settings settings = LoadSettings(config_);
    std::vector<ServedModel> models = ServeModels(settings.models);
    CheckByWorker(context_.programs, WorkerDevices(settings.worker.devices), models);
    settings.daemon = WithoutRestart(context_.settings.daemon, settings.daemon);
    CheckWatches(settings);
    sending_.OfferNew();
    context_.settings = std::move(settings);
    context_.models = std::move(models);
    context_.measured_again.clear();
    dispatcher_.Configure();
    receiver_.Configure();
    sending_.Configure();
    intake_.Configure();
    reports_.Begin();
    Log(Severity::kInfo, "configuration read again");
  } catch (const ConfigError& error) {
    for (const std::string& fault : error.faults()) Log(Severity::kError, "configuration refused", {{"fault", fault}});
    Log(Severity::kError, "the old configuration stays");
  } catch (const std::exception& error) {
    Log(Severity::kError, "the old configuration stays", {{"fault", error.what()}});
  }
  supervisor_.Ready();
}

void Service::Stop() {
  is_stopping_ = true;
  supervisor_.Stopping();
  Log(Severity::kInfo, "stopping", {{"running", dispatcher_.busy()}});
  receiver_.Stop();
  sending_.Stop();
  reports_.Stop();
  intake_.Stop();
  inspector_.HandBackAll();
  dispatcher_.Stop(context_.settings.daemon.stop);
  stop_limit_ = std::make_unique<boost::asio::steady_timer>(context_.io, context_.settings.daemon.stop);
  stop_limit_->async_wait([this](const boost::system::error_code& error) {
    if (!error) dispatcher_.HandBackAll();
  });
  StopIfQuiet();
}

void Service::StopIfQuiet() {
  const bool is_drained = context_.queue.mode() == JobQueue::Mode::kDraining && inspector_.running() == 0;
  if ((is_stopping_ || is_drained) && dispatcher_.busy() == 0) context_.io.stop();
}

}  // namespace dinsd
