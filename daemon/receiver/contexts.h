#pragma once

#include <dcmtk/dcmnet/scpcfg.h>

#include "config/settings.h"

namespace dinsd {

/// What is taken from a peer: verification, and the storage of the SOP classes and transfer syntaxes that
/// CONFORMANCE.md lists, in the order of preference, with those of JPEG 2000 where a reader may decode them; where
/// reports are kept also what a peer reports of storage commitment, for which it is the provider.
[[nodiscard]] DcmSharedSCPConfig AcceptedContexts(const ReceiverSettings& settings);

}  // namespace dinsd
