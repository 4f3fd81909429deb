#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "daemon/process/unique_fd.h"

namespace dinsd {

/// Limits that a child sets on itself before it reads a byte; 0 = none. Core dumps are always off: they hold patients.
struct ChildLimits {
  std::uint64_t address_space_bytes = 0;  // RLIMIT_AS
  std::uint64_t cpu_seconds = 0;          // RLIMIT_CPU
  std::uint64_t open_files = 256;         // RLIMIT_NOFILE
  std::uint64_t file_bytes = 0;           // RLIMIT_FSIZE, largest file it may write; 0 = none
};

/// The descriptor under which a child finds its end of the socketpair.
inline constexpr int kChildSocket = 3;

/// A running child of the parent and the parent's end of its socketpair.
struct ChildProcess {
  pid_t pid = -1;
  UniqueFd socket;
};

/// Starts `program` with `arguments`; the child has one end of a socketpair as descriptor kChildSocket, standard error
/// of the parent, and no other descriptor. It is killed when the parent dies, has a process group of its own, which
/// Ctrl-C does not reach, and ignores SIGINT, SIGTERM and SIGHUP: when it ends is the parent's to decide. Throws
/// std::system_error.
[[nodiscard]] ChildProcess StartChild(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                                      const ChildLimits& limits);

/// How a child ended, in words for the log and the journal: "exit code 3", "signal 9 (Killed)".
[[nodiscard]] std::string DescribeExit(int wait_status);

/// Its wait status if it has ended, else nothing. Never blocks.
[[nodiscard]] std::optional<int> TryReap(pid_t pid);

}  // namespace dinsd
