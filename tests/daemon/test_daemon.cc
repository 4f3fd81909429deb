#include "tests/daemon/test_daemon.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "daemon/control/control_server.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/write/nifti_writer.h"
#include "tests/daemon/tiny_weights.h"
#include "tests/folders.h"

namespace dinsd {
namespace {

constexpr std::chrono::seconds kPatience{120};

Volume RandomVolume(unsigned seed) {
  Volume volume;
  volume.grid.size = {24, 24, 6};
  volume.grid.spacing = {8, 8, 10};
  std::mt19937 random(seed);
  for (std::int64_t v = 0; v < 24 * 24 * 6; ++v) volume.voxels.push_back(static_cast<float>(100 + random() % 200));
  return volume;
}

}  // namespace

std::filesystem::path Programs() {
  return std::filesystem::path(kBuildFolder) / "bin";
}

TestDaemon::TestDaemon() {
  for (const char* folder : {"incoming", "results", "state"}) std::filesystem::create_directory(Path(folder));
  WriteTinyWeights(Path("tiny.safetensors"), 7);
}

TestDaemon::~TestDaemon() {
  if (IsRunning()) Kill();
}

void TestDaemon::WriteSettings() const {
  folder_.Write("dinsd.toml", "[daemon]\nleast_free_mib = " + std::to_string(least_free_mib) + "\nresults_dir = \"" +
                                  results_dir.string() + R"("
state_dir = "state"
socket = "control.sock"
log_format = "text"
log_level = "debug"
stop_seconds = 5

[[watch]]
name = "incoming"
path = "incoming"
ready = "rename-in"
rescan_seconds = 1
)" + more_watch + R"(
[[model]]
weights = ")" + weights.string() +
                                  R"("
)" + more_model + R"(
[worker]
devices = ["cpu"]
threads = 1
study_limit_seconds = )" + std::to_string(study_limit_seconds) +
                                  R"(

[interval]
runs = )" + std::to_string(interval_runs) +
                                  R"(

[queue]
lease_seconds = 3
heartbeat_seconds = 1
backoff_seconds = 0
crash_backoff_seconds = 0
)" + more_settings);
}

void TestDaemon::Launch(const std::string& faults, const char* more) {
  WriteSettings();
  const std::string program = Programs() / "dinsd";
  const std::string config = Path("dinsd.toml");
  const std::string log = Path("log");
  pid_ = ::fork();
  ::setpgid(pid_, 0);  // by parent and child, whoever comes first
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(out, STDERR_FILENO);
  ::setenv("DINSD_FAIL", faults.c_str(), 1);
  ::execl(program.c_str(), "dinsd", "--config", config.c_str(), "--fault-points", more, nullptr);
  ::_exit(127);
}

void TestDaemon::Start(const std::string& faults) {
  Launch(faults);
  WaitUntil("the daemon answers", [this] {
    try {
      (void)Jobs();
      return true;
    } catch (const std::exception&) {
      return false;
    }
  });
}

int TestDaemon::RunSecond(const char* more) {
  const pid_t first = pid_;
  Launch("", more);
  const int code = WaitForEnd();
  pid_ = first;
  return code;
}

void TestDaemon::Send(int signal) const {
  ::kill(pid_, signal);
}

void TestDaemon::Kill() {
  Send(SIGKILL);
  (void)WaitForEnd();
}

int TestDaemon::WaitForEnd() {
  int status = 0;
  pid_t ended = 0;
  WaitUntil("the daemon ends", [&] { return (ended = ::waitpid(pid_, &status, WNOHANG)) != 0; });
  if (ended == 0) {
    Send(SIGKILL);
    ended = ::waitpid(pid_, &status, 0);
  }
  EXPECT_EQ(ended, pid_);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool TestDaemon::IsRunning() {
  return pid_ > 0 && ::kill(pid_, 0) == 0;
}

std::multimap<std::string, pid_t> TestDaemon::Children() const {
  std::multimap<std::string, pid_t> children;
  const std::string pid = std::to_string(pid_);
  std::istringstream pids(ReadText("/proc/" + pid + "/task/" + pid + "/children"));
  for (pid_t child = 0; pids >> child;) {
    std::string name = ReadText("/proc/" + std::to_string(child) + "/comm");
    children.emplace(name.substr(0, name.find('\n')), child);
  }
  return children;
}

void TestDaemon::Drop(const std::string& name, unsigned seed, bool has_prompts) const {
  const std::string hidden = "." + name;
  std::filesystem::create_directory(Path("incoming/" + hidden));
  WriteNifti(Path("incoming/" + hidden + "/image.nii.gz"), RandomVolume(seed));
  if (has_prompts) WritePrompts(hidden);
  std::filesystem::rename(Path("incoming/" + hidden), Path("incoming/" + name));
}

void TestDaemon::WritePrompts(const std::string& name, int click) const {
  const std::string study = "incoming/" + name;
  const std::string sha256 = Sha256Hex(ReadFileBytes(Path(study), "image.nii.gz", 1 << 20));
  const nlohmann::json prompts = {
      {"schema", "dinsd-prompts/1"},
      {"image", {{"sha256", sha256}}},
      {"space", "LPS-mm"},
      {"lesions", {{{"id", "L1"}, {"clicks", {{{"p", {80 + 8 * click, 80, 20}}, {"sign", "+"}}}}}}},
      {"provenance", {{"source", "human"}, {"created", "2024-11-01T09:30:00Z"}}}};
  folder_.Write(study + "/.next", prompts.dump());
  std::filesystem::rename(Path(study + "/.next"), Path(study + "/image.prompts.json"));
}

nlohmann::json TestDaemon::Ask(const nlohmann::json& request) const {
  return AskDaemon(Path("control.sock"), request);
}

nlohmann::json TestDaemon::Jobs(const std::vector<std::string>& states) const {
  return Ask({{"command", "list"}, {"states", states}, {"after", 0}, {"limit", 1000}}).at("jobs");
}

nlohmann::json TestDaemon::JobOf(const std::string& name) const {
  for (const nlohmann::json& job : Jobs()) {
    if (job.at("study") == name) return Ask({{"command", "show"}, {"job", job.at("job")}});
  }
  return nullptr;
}

std::string TestDaemon::StateOf(const std::string& name) const {
  const nlohmann::json job = JobOf(name);
  return job.is_null() ? "" : job.at("state").get<std::string>();
}

void TestDaemon::WaitUntil(const std::string& what, const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) FAIL() << "never: " << what << "\n" << Log();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void TestDaemon::WaitForState(const std::string& name, const std::string& state) {
  WaitUntil(name + " is " + state, [&] { return StateOf(name) == state; });
}

std::string TestDaemon::Log() const {
  return ReadText(Path("log"));
}

}  // namespace dinsd
