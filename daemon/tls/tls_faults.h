#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace dinsd {

/// By what a user knows the three files: keys of dinsd.toml, or options of a command.
struct TlsNames {
  std::string certificate, key, trusted;
};

inline const TlsNames kDestinationTlsNames = {"destination.tls_certificate", "destination.tls_key",
                                              "destination.tls_trusted"};
inline const TlsNames kReceiverTlsNames = {"receiver.tls_certificate", "receiver.tls_key", "receiver.tls_trusted"};

/// What keeps the files of `tls` from being used now, a sentence each, which begins with a name out of `names`: one
/// that cannot be read or is not PEM, a certificate that has expired or is not valid yet, a private key that is
/// protected by a passphrase or belongs to another certificate. Nothing where TLS is not enabled. Reads these three
/// files and asks nobody.
[[nodiscard]] std::vector<std::string> TlsFaults(const TlsSettings& tls, const TlsNames& names);

}  // namespace dinsd
