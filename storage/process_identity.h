#pragma once

#include <cstdint>
#include <string>

namespace dinsd {

/// One process, told apart from every other of any machine and any time.
struct ProcessIdentity {
  std::string machine;  // machine-id of the host, or its name where there is none
  std::string boot;     // the kernel's boot id
  std::int64_t pid = 0;
  std::int64_t start_ticks = 0;  // its start since boot: a pid is used again

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;

  /// The calling process.
  [[nodiscard]] static ProcessIdentity Current();
};

}  // namespace dinsd
