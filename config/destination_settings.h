#pragma once

#include <array>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "config/tls_settings.h"
#include "storage/outbox_options.h"

namespace dinsd {

/// What a result may consist of: DICOM objects, then the files that are none.
inline constexpr std::array<const char*, 6> kResultParts = {"seg", "sr", "rtstruct", "sc", "mask", "report"};

enum class DestinationKind {
  kCStore,  // a DICOM peer
  kFolder,  // a folder of this machine, which the daemon itself writes to
};

/// [[destination]]: where results are sent.
struct DestinationSettings {
  std::string name;  // stands for it in queue and log; [a-z0-9_-]+
  DestinationKind kind = DestinationKind::kCStore;
  std::string host;  // name or address; kCStore
  int port = 104;
  std::string called_ae_title;
  std::string calling_ae_title = "DINSD";
  TlsSettings tls;                                             // kCStore
  std::filesystem::path folder;                                // kFolder
  std::vector<std::string> takes = {"seg", "sr", "rtstruct"};  // words of kResultParts
  bool preliminary = false;                                    // also results for which a proposed click was used
  OutboxOptions outbox;
  std::chrono::seconds connect_limit{10};  // for the TCP connection
  std::chrono::seconds acse_limit{30};     // for the answer to A-ASSOCIATE-RQ
  std::chrono::seconds dimse_limit{60};    // for the answer to each object

  friend bool operator==(const DestinationSettings&, const DestinationSettings&) = default;
};

/// [sender]: who sends to the DICOM peers among the destinations.
struct SenderSettings {
  std::filesystem::path spool_dir = "/var/lib/dinsd-outgoing";  // what is handed to the sender, and its answers
  bool start = true;  // dinsd starts the sender; false: another unit does, one that has a network
};

}  // namespace dinsd
