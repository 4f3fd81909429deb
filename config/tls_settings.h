#pragma once

#include <filesystem>

namespace dinsd {

/// One end of DICOM connections over TLS: its files, all PEM.
struct TlsSettings {
  bool enabled = false;
  std::filesystem::path certificate = "/etc/dinsd/tls/own.crt";  // of this end, with those that lead to its root
  std::filesystem::path key = "/etc/dinsd/tls/own.key";          // without a passphrase
  std::filesystem::path trusted = "/etc/dinsd/tls/peers.crt";    // who signs the certificates of the other ends

  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

}  // namespace dinsd
