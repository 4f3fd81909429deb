#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/control/control_server.h"
#include "daemon/service/commands.h"
#include "daemon/service/context.h"
#include "daemon/service/dispatcher.h"
#include "daemon/service/inspector.h"
#include "daemon/service/intake.h"
#include "daemon/service/outbox_commands.h"
#include "daemon/service/patient_reports.h"
#include "daemon/service/periodic.h"
#include "daemon/service/receiver_slot.h"
#include "daemon/service/sending.h"
#include "daemon/service/spool_cleaner.h"
#include "daemon/service/supervisor.h"

namespace dinsd {

/// The parent: studies come in (Intake), are looked at by readers (Inspector), become jobs of the queue, are given to
/// workers (Dispatcher), what workers staged is published and recorded, and sent on (Sending). It parses no image and
/// creates no device context; what it knows of a file's inside comes from the checked message of a child.
///
///   thread    what runs on it
///   -------   -----------------------------------------------------------------------------------------------------
///   main      everything: the event loop with timers, signals, inotify, control socket, the children's sockets and
///             ends, and every statement on the database. There is no other thread, hence no lock.
///   children  dinsd-reader (one per study, up to two at a time), dinsd-worker (one per device), dinsd-receiver (if it
///             is enabled, and a second one that sends), dins (one, for patients' reports): processes of their own,
///             each on one socketpair; none ever blocks the parent.
class Service {
 public:
  /// `config` is read again on SIGHUP.
  Service(ServiceContext& context, Database& database, std::filesystem::path config);

  /// Until SIGTERM or SIGINT has been obeyed, or a drain is over. Throws StorageError: the queue cannot be trusted any
  /// more, and a fresh start recovers.
  void Run();

 private:
  void StartTimers();
  void AwaitSignals();
  void Obey(int signal);
  void Reload();
  [[nodiscard]] nlohmann::json Answer(const nlohmann::json& request, const Requester& who);
  void Stop();
  void StopIfQuiet();
  void Tick();
  void Sweep();

  ServiceContext& context_;
  Database& database_;
  std::filesystem::path config_;
  Supervisor supervisor_;
  Inspector inspector_;
  Intake intake_;
  Dispatcher dispatcher_;
  ReceiverSlot receiver_;
  SpoolCleaner cleaner_;
  Sending sending_;
  PatientReports reports_;
  Commands commands_;
  OutboxCommands outbox_commands_;
  ControlServer control_;
  boost::asio::signal_set signals_;
  std::vector<std::unique_ptr<Periodic>> timers_;
  std::unique_ptr<boost::asio::steady_timer> stop_limit_;
  bool is_stopping_ = false;
};

}  // namespace dinsd
