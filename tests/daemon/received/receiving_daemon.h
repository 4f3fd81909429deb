#pragma once

#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include "tests/daemon/test_daemon.h"

namespace dinsd {

/// A real daemon that receives studies at a free port of the loopback.
class ReceivingDaemon : public TestDaemon {
 public:
  explicit ReceivingDaemon(const std::string& more = "") {
    more_settings =
        "[receiver]\nenabled = true\naddress = \"127.0.0.1\"\nport = 0\nspool_dir = \"spool\"\nleast_free_mib = 0\n"
        "quiet_seconds = 1\n" +
        more;
  }

  /// The port that the newest receiver was said to listen at.
  int Port() {
    std::string port;
    WaitUntil("a receiver listens", [&] {
      static const std::regex kListens("receiver listens port=([0-9]+)");
      const std::string log = Log();
      for (std::sregex_iterator line(log.begin(), log.end(), kListens), end; line != end; ++line) port = (*line)[1];
      return !port.empty();
    });
    return std::stoi(port);
  }

  /// The study folders of the spool.
  [[nodiscard]] std::vector<std::string> Studies() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Path("spool"))) {
      if (entry.path().filename().string().front() != '.') names.push_back(entry.path().filename());
    }
    return names;
  }
};

}  // namespace dinsd
