#include "storage/process_identity.h"

#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>

namespace dinsd {
namespace {

std::string FirstLine(const char* file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string HostName() {
  std::array<char, 256> name{};
  ::gethostname(name.data(), name.size() - 1);
  return name.data();
}

// Field 22 of the process's stat line; the second field, the program's name, may hold spaces and brackets.
std::int64_t StartTicks() {
  const std::string line = FirstLine("/proc/self/stat");
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  return field.empty() ? 0 : std::stoll(field);
}

}  // namespace

ProcessIdentity ProcessIdentity::Current() {
  ProcessIdentity identity;
  identity.machine = FirstLine("/etc/machine-id");
  if (identity.machine.empty()) identity.machine = HostName();
  identity.boot = FirstLine("/proc/sys/kernel/random/boot_id");
  identity.pid = ::getpid();
  identity.start_ticks = StartTicks();
  return identity;
}

}  // namespace dinsd
