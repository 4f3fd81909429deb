#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "config/load_settings.h"
#include "daemon/command_line/path_check.h"
#include "daemon/log/log.h"
#include "daemon/service/recovery.h"
#include "daemon/service/service.h"
#include "daemon/service/start_check.h"
#include "daemon/service/worker_check.h"
#include "daemon/service/worker_devices.h"
#include "storage/storage_error.h"

// dinsd: takes studies out of watched folders, has them segmented by its workers, and publishes the results. The
// parent's thread table is in daemon/service/service.h.

namespace dinsd {
namespace {

// How a start can fail. After the first two systemd does not try again.
constexpr int kWrongUsage = 2;
constexpr int kWrongConfiguration = 78;
constexpr int kNotNow = 1;

struct CommandLine {
  std::filesystem::path config;
  bool only_checks = false;
  bool has_fault_points = false;
};

LogForm FormOf(LogFormat format) {
  if (format == LogFormat::kAuto) return LogFormOfStandardError();
  return format == LogFormat::kText ? LogForm::kText : LogForm::kJson;
}

Severity SeverityOf(LogLevel level) {
  return static_cast<Severity>(level);  // the configuration knows the first four
}

// The children's programs lie beside us.
std::filesystem::path FindPrograms() {
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  for (const char* program : {"dinsd-reader", "dinsd-worker", "dinsd-receiver", "dins"}) {
    if (::access((folder / program).c_str(), X_OK) != 0) {
      throw std::runtime_error(std::string(program) + " is missing beside dinsd");
    }
  }
  return folder;
}

// Let go when the disk is full, so that this can still be recorded.
constexpr std::int64_t kBallastBytes = std::int64_t{64} << 20;

// The queue; a damaged one is put aside, and the rescan of the folders finds everything again.
Database OpenQueue(const std::filesystem::path& file) {
  try {
    return Database(file);
  } catch (const StorageError& error) {
    if (error.failure() != StorageFailure::kDamaged) throw;
    Log(Severity::kCritical, "the queue was damaged, is put aside and begun anew");
    (void)MoveDamagedAside(file);
    return Database(file);
  }
}

std::vector<ServedModel> CheckedModels(const Settings& settings) {
  std::vector<ServedModel> models = ServeModels(settings.models);
  CheckByWorker(FindPrograms(), WorkerDevices(settings.worker.devices), models);
  return models;
}

bool TellFaults(const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) Log(Severity::kCritical, "dinsd cannot start now", {{"fault", fault}});
  return !faults.empty();
}

// What --check adds to what a start looks at beforehand.
bool TellSurroundings(const Settings& settings) {
  const Surroundings found = LookAround(settings);
  for (const std::string& note : found.notes) Log(Severity::kWarning, note);
  return TellFaults(found.faults);
}

void Serve(const Settings& settings, std::vector<ServedModel> models, const CommandLine& line) {
  std::filesystem::create_directories(settings.daemon.state_dir);
  std::filesystem::create_directories(settings.daemon.socket.parent_path());
  Database database = OpenQueue(settings.daemon.state_dir / "queue.db");
  database.KeepBallast(kBallastBytes);
  const SystemClock clock;
  JobQueue queue(database, settings.queue.options, clock);
  History history(database);
  Outbox outbox(database, clock);
  std::string salt = LoadSalt(settings.daemon.state_dir / "salt");
  ResultStore results(ResultsClaim(settings.daemon.results_dir,
                                   {OwnerId(salt), std::filesystem::weakly_canonical(settings.daemon.state_dir)}));
  ResultIndex index(settings.daemon.results_dir / "index.csv");
  boost::asio::io_context io(1);
  ServiceContext context{io,
                         settings,
                         std::move(models),
                         queue,
                         history,
                         outbox,
                         results,
                         index,
                         line.has_fault_points,
                         FaultPoints(line.has_fault_points),
                         FindPrograms(),
                         std::move(salt)};
  if (line.has_fault_points) Log(Severity::kWarning, "fault points are on: this daemon is being tested");
  Service(context, database, line.config).Run();
}

bool IsForAPerson(StorageFailure failure) {
  return failure == StorageFailure::kUnsafePlace || failure == StorageFailure::kForeignFile ||
         failure == StorageFailure::kNewerVersion;
}

int Run(const CommandLine& line) {
  SetUpLog(LogFormOfStandardError(), Severity::kInfo);
  try {
    const Settings settings = LoadSettings(line.config);
    const Severity least = line.only_checks ? Severity::kInfo : SeverityOf(settings.daemon.log_level);
    SetUpLog(FormOf(settings.daemon.log_format), least);
    const bool has_faults =
        TellFaults(PlaceFaults(settings.daemon)) || (line.only_checks && TellSurroundings(settings));
    std::vector<ServedModel> models = CheckedModels(settings);  // what can never work counts more
    if (has_faults) return kNotNow;
    if (!line.only_checks) Serve(settings, std::move(models), line);
    return 0;
  } catch (const ConfigError& error) {
    for (const std::string& fault : error.faults())
      Log(Severity::kCritical, "configuration refused", {{"fault", fault}});
    return kWrongConfiguration;
  } catch (const StorageError& error) {
    Log(Severity::kCritical, "state_dir or results_dir cannot be used", {{"fault", error.what()}});
    return IsForAPerson(error.failure()) ? kWrongConfiguration : kNotNow;
  }
}

int Main(int argc, char** argv) {
  CLI::App app{"dinsd: segments neurofibromas on whole-body MRI from clicks, unattended (research use only)", "dinsd"};
  CommandLine line;
  app.set_version_flag("--version", DINSD_VERSION);
  app.add_option("--config", line.config, "the configuration, TOML")->required()->check(IsPath);
  app.add_flag("--check", line.only_checks, "tell whether a start would work, and end");
  app.add_flag("--fault-points", line.has_fault_points, "honour DINSD_FAIL (tests only)");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kWrongUsage;
  }
  line.config = std::filesystem::absolute(line.config);
  return Run(line);
}

}  // namespace
}  // namespace dinsd

int main(int argc, char** argv) {
  try {
    return dinsd::Main(argc, argv);
  } catch (const std::filesystem::filesystem_error& error) {  // its own words are those of the library
    std::fprintf(stderr, "<2>dinsd: '%s': %s\n", error.path1().c_str(), error.code().message().c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "<2>dinsd: %s\n", error.what());
    return 1;
  }
}
