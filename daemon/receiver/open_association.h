#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/messages/peer_address.h"
#include "daemon/tls/tls_layer.h"
#include "storage/job_records.h"

namespace dinsd {

/// Codes of an association that did not come about.
inline constexpr char kNotReached[] = "NOT_REACHED";    // nobody answers there, or he refuses us
inline constexpr char kNotAccepted[] = "NOT_ACCEPTED";  // he takes no presentation context that `peer` has
inline constexpr char kTlsFiles[] = "TLS_FILES";        // our own files

/// Opens an association with the presentation contexts that `peer` has; with TLS `layer`, which has to outlive `peer`,
/// is made. Nothing, or why there is none: code and sentence. Blocks within the limits of `address`; that of the
/// connection DCMTK keeps once for the process, so that of the last call holds.
[[nodiscard]] std::optional<Reason> OpenAssociation(TlsScu& peer, std::unique_ptr<DcmTLSTransportLayer>& layer,
                                                    const PeerAddress& address);

/// The presentation context of a service that was proposed in the two plain transfer syntaxes; 0 where the peer does
/// not take it.
[[nodiscard]] T_ASC_PresentationContextID ContextOf(TlsScu& peer, const char* sop_class);

/// Proposes a service in the two plain transfer syntaxes.
void Propose(TlsScu& peer, const char* sop_class);

/// The words of DCMTK, which tell the peer's answer, not what an object says: printable and short.
[[nodiscard]] std::string WordsOf(const OFCondition& condition);

}  // namespace dinsd
