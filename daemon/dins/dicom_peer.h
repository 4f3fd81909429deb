#pragma once

#include <memory>
#include <string>

#include "daemon/tls/tls_layer.h"

namespace dinsd {

/// A DICOM peer that a person names on the command line.
struct DicomPeer {
  std::string host;
  int port = 0;
  std::string called = "DINSD";
  std::string calling = "DINS";
  TlsSettings tls;
};

using TlsLayer = std::unique_ptr<DcmTLSTransportLayer>;

/// Opens an association with the presentation contexts that `scu` has; with TLS `layer`, which has to outlive it, is
/// made. Throws std::runtime_error that names the peer.
void ConnectTo(TlsScu& scu, TlsLayer& layer, const DicomPeer& peer);

/// Throws std::runtime_error: "DOING: why".
[[noreturn]] void FailDicom(const std::string& doing, const OFCondition& why);

}  // namespace dinsd
