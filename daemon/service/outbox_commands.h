#pragma once

#include <nlohmann/json.hpp>

#include "daemon/control/control_server.h"
#include "daemon/service/context.h"
#include "daemon/service/sending.h"

namespace dinsd {

/// What a person can ask of the outbox through the control socket; `dins outbox` is the other end.
///
/// {"command": "outbox", "job": n (0 = all), "states": [...], "limit": n} -> {"entries": [...], "counts": {...},
/// "destinations": [...]}
/// {"command": "outbox-send", "job": n, "revision": n (0 = newest), "destination": ...} -> {"job": n, "state": ...}
class OutboxCommands {
 public:
  OutboxCommands(ServiceContext& context, Sending& sending) : context_(context), sending_(sending) {}

  [[nodiscard]] static bool Knows(const std::string& command);

  /// Throws std::runtime_error with a sentence for the person.
  [[nodiscard]] nlohmann::json Answer(const nlohmann::json& request, const Requester& who);

 private:
  [[nodiscard]] nlohmann::json List(const nlohmann::json& request);
  [[nodiscard]] nlohmann::json Send(const nlohmann::json& request, const Requester& who);

  ServiceContext& context_;
  Sending& sending_;
};

/// One row, with its objects.
[[nodiscard]] nlohmann::json EntryToJson(Outbox& outbox, const OutboxEntry& entry);

}  // namespace dinsd
