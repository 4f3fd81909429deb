#pragma once

#include <dcmtk/dcmnet/scpcfg.h>

#include <string>

namespace dinsd {

/// What is taken from a peer: verification, and the storage of the SOP classes and transfer syntaxes that the README
/// lists, in the order of preference; with `takes_reports` also what a peer reports of storage commitment, for which it
/// is the provider. `ae_title` is our own.
[[nodiscard]] DcmSharedSCPConfig AcceptedContexts(const std::string& ae_title, bool takes_reports = false);

}  // namespace dinsd
