#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tests/temp_folder.h"

namespace dinsd {

constexpr int kObjects = 400;
constexpr int kGroups = 16;  // of as many objects each, in a folder of its own

/// 400 MR objects of 690 KB, of one study, in 16 folders.
class MadeObjects {
 public:
  MadeObjects();
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] std::filesystem::path group(int n) const { return folder_.path() / std::to_string(n); }

 private:
  TempFolder folder_;
};

/// The data set of a made MR object of about 690 KB with pixels that follow `seed`.
[[nodiscard]] std::string LargeDataSet(const std::string& instance, unsigned seed);

/// Seconds that something takes.
[[nodiscard]] double SecondsOf(const std::function<void()>& work);

/// `storescu` of DCMTK as it comes, or with what makes it fast.
struct Sending {
  int port = 0;
  bool is_tuned = false;  // TCP_NODELAY=1 and PDUs of 128 KiB
};

/// Sends the objects of each folder in an association of its own, all at once; throws unless all were taken.
void SendFolders(const Sending& sending, const std::vector<std::filesystem::path>& folders);

/// A `storescp` of DCMTK at a free port of the loopback.
class Storescp {
 public:
  /// `options` go before the port; with `is_tuned` it is as fast as it can be.
  Storescp(const std::vector<std::string>& options, bool is_tuned);
  Storescp(const Storescp&) = delete;
  Storescp& operator=(const Storescp&) = delete;
  ~Storescp();
  [[nodiscard]] int port() const { return port_; }

 private:
  int port_;
  pid_t pid_;
};

[[nodiscard]] bool HasDcmtkTools();

}  // namespace dinsd
