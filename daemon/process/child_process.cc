#include "daemon/process/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace dinsd {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr bool kHasBoundedSpace = false;  // AddressSanitizer itself reserves 16 TiB of it
#else
constexpr bool kHasBoundedSpace = true;
#endif

void SetLimit(__rlimit_resource resource, std::uint64_t value) {
  const rlimit limit{value, value};
  ::setrlimit(resource, &limit);
}

void ApplyLimits(const ChildLimits& limits) {
  SetLimit(RLIMIT_CORE, 0);
  if (kHasBoundedSpace && limits.address_space_bytes > 0) SetLimit(RLIMIT_AS, limits.address_space_bytes);
  if (limits.cpu_seconds > 0) SetLimit(RLIMIT_CPU, limits.cpu_seconds);
  if (limits.open_files > 0) SetLimit(RLIMIT_NOFILE, limits.open_files);
  if (limits.file_bytes > 0) SetLimit(RLIMIT_FSIZE, limits.file_bytes);
}

// Between fork and exec only calls that are safe in a forked child of a threaded process.
[[noreturn]] void BecomeChild(int socket, pid_t parent, const char* program, char* const* arguments,
                              const ChildLimits& limits) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);                                       // the parent died before prctl
  ::setpgid(0, 0);                                                               // Ctrl-C is the parent's to obey,
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::signal(signal, SIG_IGN);  // and so is what all of us are sent
  if (socket == kChildSocket) {
    ::fcntl(socket, F_SETFD, 0);
  } else if (::dup2(socket, kChildSocket) < 0) {
    ::_exit(127);
  }
  ::syscall(SYS_close_range, kChildSocket + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ApplyLimits(limits);
  ::execv(program, arguments);
  ::_exit(127);
}

}  // namespace

ChildProcess StartChild(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                        const ChildLimits& limits) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair for " + program.string());
  }
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  const std::string name = program.string();
  std::vector<char*> argv{const_cast<char*>(name.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "starting " + name);
  if (pid == 0) BecomeChild(theirs.get(), parent, name.c_str(), argv.data(), limits);
  return {pid, std::move(ours)};
}

std::string DescribeExit(int wait_status) {
  if (WIFEXITED(wait_status)) return "exit code " + std::to_string(WEXITSTATUS(wait_status));
  const int signal = WTERMSIG(wait_status);
  return "signal " + std::to_string(signal) + " (" + ::strsignal(signal) + ")";
}

std::optional<int> TryReap(pid_t pid) {
  int status = 0;
  return ::waitpid(pid, &status, WNOHANG) == pid ? std::optional(status) : std::nullopt;
}

}  // namespace dinsd
