#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/temp_folder.h"

namespace dinsd {

/// A real dinsd in a folder of its own: incoming/, results/, state/, tiny random weights, short leases. Studies are
/// small random volumes with clicks.
class TestDaemon {
 public:
  TestDaemon();
  TestDaemon(const TestDaemon&) = delete;
  TestDaemon& operator=(const TestDaemon&) = delete;
  ~TestDaemon();

  /// Starts dinsd; `faults` becomes DINSD_FAIL. Waits until its socket answers.
  void Start(const std::string& faults = "");
  /// The same without waiting, with one more argument if need be.
  void Launch(const std::string& faults = "", const char* more = nullptr);
  void Send(int signal) const;
  /// SIGKILL, and waits for its end.
  void Kill();
  /// Waits for its end; returns the exit code, or minus the signal.
  int WaitForEnd();
  [[nodiscard]] bool IsRunning();
  [[nodiscard]] pid_t pid() const { return pid_; }

  /// Process numbers of its children by program name ("dinsd-reader", "dinsd-worker").
  [[nodiscard]] std::multimap<std::string, pid_t> Children() const;

  /// Puts a study folder with one image (and a sidecar of one click) into incoming/ at once, by renaming it in.
  void Drop(const std::string& name, unsigned seed, bool has_prompts = true) const;
  /// Writes a sidecar for the image of a study that lies there; `click` moves the click.
  void WritePrompts(const std::string& name, int click = 0) const;

  [[nodiscard]] nlohmann::json Ask(const nlohmann::json& request) const;
  [[nodiscard]] nlohmann::json Jobs(const std::vector<std::string>& states = {}) const;
  /// The job of a study, null if it is not known yet.
  [[nodiscard]] nlohmann::json JobOf(const std::string& name) const;
  [[nodiscard]] std::string StateOf(const std::string& name) const;

  /// Fails the test with the daemon's log when `is_so` does not become true within a minute or so.
  void WaitUntil(const std::string& what, const std::function<bool()>& is_so);
  void WaitForState(const std::string& name, const std::string& state);

  [[nodiscard]] std::string Log() const;
  [[nodiscard]] std::filesystem::path Path(const std::string& relative) const { return folder_.path() / relative; }

  /// Appended to the configuration, whose last table is [queue]; to be set before Start.
  std::string more_settings;
  std::string more_watch, more_model;  // lines for the tables [[watch]] and [[model]]
  int study_limit_seconds = 600;
  int interval_runs = 0;
  int least_free_mib = 0;
  std::filesystem::path weights = "tiny.safetensors";
  std::filesystem::path results_dir = "results";

  /// Starts another daemon on the same state, with one more argument if need be; returns its exit code.
  [[nodiscard]] int RunSecond(const char* more = nullptr);

  void WriteSettings() const;

 private:
  TempFolder folder_;
  pid_t pid_ = -1;
};

/// The folder of the built programs.
[[nodiscard]] std::filesystem::path Programs();

}  // namespace dinsd
