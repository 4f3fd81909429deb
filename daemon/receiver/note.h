#pragma once

#include "daemon/log/log.h"

namespace dinsd {

/// One line of the log, from any thread. It may tell the address and the AE title of a peer, never what an object says.
void Note(Severity severity, const std::string& event, const nlohmann::json& fields = nlohmann::json::object());

}  // namespace dinsd
