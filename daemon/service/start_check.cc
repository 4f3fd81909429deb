#include "daemon/service/start_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>

#include "daemon/control/control_server.h"
#include "daemon/process/unique_fd.h"
#include "daemon/publish/result_store.h"
#include "daemon/publish/results_claim.h"
#include "daemon/service/listening_socket.h"
#include "daemon/service/recovery.h"
#include "daemon/tls/tls_faults.h"
#include "storage/database_header.h"
#include "storage/file_lock.h"
#include "storage/migrations.h"
#include "storage/storage_error.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

std::string ErrorText() {
  return std::generic_category().message(errno);
}

bool MayWrite(const fs::path& path, int rights) {
  return ::faccessat(AT_FDCWD, path.c_str(), rights, AT_EACCESS) == 0;
}

// The folder itself, or the one in which the first missing one of its path would be made.
fs::path NearestThere(fs::path path) {
  std::error_code failed;
  while (path.has_relative_path() && fs::symlink_status(path, failed).type() == fs::file_type::not_found)
    path = path.parent_path();
  return path;
}

void AddFolder(const std::string& key, const fs::path& folder, std::vector<std::string>& faults) {
  const fs::path there = NearestThere(folder);
  const std::string subject = key + " " + folder.string() + " cannot be ";
  std::error_code failed;
  if (!fs::is_directory(there, failed)) {
    faults.push_back(subject + "used: " + there.string() + (failed ? ": " + failed.message() : " is no folder"));
  } else if (!MayWrite(there, W_OK | X_OK)) {
    const std::string what = there == folder ? "written to" : "made in " + there.string();
    faults.push_back(subject + what + ": " + ErrorText());
  }
}

void AddFile(const fs::path& file, std::vector<std::string>& faults) {
  std::error_code failed;
  const fs::file_type type = fs::status(file, failed).type();
  if (fs::exists(fs::file_status(type)) && type != fs::file_type::regular) {
    faults.push_back(file.string() + " is in the way: it is no file");
  } else if (!MayWrite(file, R_OK | W_OK) && errno != ENOENT && errno != ENOTDIR) {
    faults.push_back(file.string() + " cannot be read and written: " + ErrorText());
  }
}

void AddHolder(const std::string& what, const std::optional<std::string>& holder,
               const std::optional<std::string>& running, Surroundings& found) {
  if (holder && holder != running) found.faults.push_back("another dinsd (pid " + *holder + ") has " + what);
}

// A damaged queue keeps no start from working: it is put aside.
void AddQueue(const fs::path& file, Surroundings& found) {
  try {
    if (const std::optional<DatabaseHeader> header = ReadDatabaseHeader(file))
      CheckIdentity(file, *header, Migrations().back().version);
  } catch (const StorageError& error) {
    if (error.failure() != StorageFailure::kDamaged) throw;
    found.notes.push_back(std::string(error.what()) +
                          ": a start would put it aside, begin a new queue and take over what results_dir holds");
  }
}

void AddRunning(const DaemonSettings& daemon, Surroundings& found) {
  const std::optional<std::string> running = LockHolder(daemon.state_dir / "queue.db.lock");
  if (running) {
    found.notes.push_back("a dinsd runs with this state_dir (pid " + *running +
                          "): a second one starts only when it has ended");
  }
  AddHolder("results_dir " + daemon.results_dir.string(), LockHolder(daemon.results_dir / kResultsLock), running,
            found);
  AddHolder("socket " + daemon.socket.string(), ListenerAt(daemon.socket), running, found);
}

// Without it the daemon starts all the same, and tries again.
void AddReceiver(const Settings& settings, Surroundings& found) {
  const ReceiverSettings& receiver = settings.receiver;
  if (!receiver.enabled) return;
  std::vector<std::string> faults;
  AddFolder("receiver.spool_dir", receiver.spool_dir, faults);
  for (const std::string& fault : TlsFaults(receiver.tls, kReceiverTlsNames)) faults.push_back(fault);
  const bool is_running = LockHolder(settings.daemon.state_dir / "queue.db.lock").has_value();
  try {
    if (!is_running && !PassedSocket()) (void)ListenAt(receiver.address, receiver.port);
  } catch (const std::system_error& error) {
    faults.push_back(error.what());
  }
  for (const std::string& fault : faults)
    found.notes.push_back("no study could be received, the daemon would try again: " + fault);
}

// Nor without the destinations: what is published waits for them. Whether a peer answers, `dins dicom echo` tells.
void AddDestinations(const Settings& settings, Surroundings& found) {
  std::vector<std::string> faults;
  bool has_peer = false;
  for (const DestinationSettings& destination : settings.destinations) {
    const std::string name = "destination \"" + destination.name + "\": ";
    const bool is_folder = destination.kind == DestinationKind::kFolder;
    has_peer = has_peer || !is_folder;
    std::error_code failed;
    if (is_folder && (!fs::is_directory(destination.folder, failed) || !MayWrite(destination.folder, W_OK | X_OK)))
      faults.push_back(name + destination.folder.string() + " is no folder that can be written to");
    if (settings.sender.start) {  // another service may read what this one may not
      for (const std::string& fault : TlsFaults(destination.tls, kDestinationTlsNames)) faults.push_back(name + fault);
    }
    if (destination.outbox.commitment && !settings.receiver.enabled)
      faults.push_back(name +
                       "its report on a commitment can only come on the same association, [receiver] is not enabled");
  }
  if (has_peer) AddFolder("sender.spool_dir", settings.sender.spool_dir, faults);
  for (const std::string& fault : faults) found.notes.push_back("results would wait: " + fault);
}

}  // namespace

std::vector<std::string> PlaceFaults(const DaemonSettings& daemon) {
  std::vector<std::string> faults;
  AddFolder("state_dir", daemon.state_dir, faults);
  AddFolder("results_dir", daemon.results_dir, faults);
  AddFolder("the folder of socket", daemon.socket.parent_path(), faults);
  for (const char* file : {"queue.db", "queue.db.lock", "salt"}) AddFile(daemon.state_dir / file, faults);
  AddFile(daemon.results_dir / kResultsLock, faults);
  std::error_code failed;
  const fs::path staging = daemon.results_dir / kStagingFolder;
  if (fs::exists(fs::symlink_status(staging, failed))) AddFolder("staging", staging, faults);
  const fs::file_type type = fs::symlink_status(daemon.socket, failed).type();
  if (!failed && type != fs::file_type::not_found && type != fs::file_type::socket)
    faults.push_back("socket " + daemon.socket.string() + " is there and is no socket");
  return faults;
}

Surroundings LookAround(const Settings& settings) {
  const DaemonSettings& daemon = settings.daemon;
  CheckFileSystem(NearestThere(daemon.state_dir));
  CheckOwner(daemon.results_dir,
             {OwnerId(FindSalt(daemon.state_dir / "salt")), std::filesystem::weakly_canonical(daemon.state_dir)});
  Surroundings found;
  AddQueue(daemon.state_dir / "queue.db", found);
  AddRunning(daemon, found);
  AddReceiver(settings, found);
  AddDestinations(settings, found);
  for (const WatchSettings& watch : settings.watches) {
    const UniqueFd folder(::open(watch.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder || watch.name == kReceivedWatch) continue;
    found.notes.push_back("watched folder \"" + watch.name + "\" cannot be read, the daemon would wait for it: " +
                          watch.path.string() + ": " + ErrorText());
  }
  return found;
}

}  // namespace dinsd
