#pragma once

#include <dcmtk/dcmnet/assoc.h>
#include <dcmtk/dcmnet/scu.h>
#include <dcmtk/dcmtls/tlslayer.h>

#include <memory>

#include "config/settings.h"
#include "daemon/tls/tls_faults.h"

namespace dinsd {

/// One end of DICOM connections over TLS: DICOM's profile BCP 195, non-downgrading (TLS 1.2 or newer), a certificate of
/// our own, and a peer that has to show one which `tls.trusted` signed. The name in a peer's certificate is not
/// compared with anything. The same for both roles, NET_ACCEPTOR and NET_REQUESTOR. Throws std::runtime_error with what
/// is wrong with the files (`names` as in TlsFaults).
[[nodiscard]] std::unique_ptr<DcmTLSTransportLayer> MakeTlsLayer(const TlsSettings& tls, T_ASC_NetworkRole role,
                                                                 const TlsNames& names);

/// A peer that asks, whose connections go by such a layer once UseTls was called; the layer has to outlive it.
class TlsScu : public DcmSCU {
 public:
  /// After initNetwork, before negotiateAssociation.
  OFCondition UseTls(DcmTLSTransportLayer& layer) { return useSecureConnection(&layer); }
};

}  // namespace dinsd
