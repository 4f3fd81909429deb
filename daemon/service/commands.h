#pragma once

#include <functional>
#include <nlohmann/json.hpp>

#include "daemon/control/control_server.h"
#include "daemon/service/context.h"
#include "daemon/service/intake.h"

namespace dinsd {

/// What a person can ask of the queue through the control socket; `dins queue` is the other end.
///
/// {"command": "submit", "path": ..., "lane": "urgent" | "routine" | "bulk"} -> {"job": n}
/// {"command": "list", "states": [...], "after": n, "limit": n}              -> {"jobs": [...], "counts": {...},
/// "mode": ..., "notice": ..., "outbox": {...}}
/// {"command": "show", "job": n}                                            -> one job with journal and results
/// {"command": "retry" | "cancel" | "hold" | "release", "job": n}           -> {"job": n, "state": ...}
/// {"command": "remeasure", "weights": SHA-256 or "", "list": bool}         -> {"measured_otherwise": [...], "queued":
/// n}
/// {"command": "pause" | "resume" | "drain"}                                -> {"mode": ...}
class Commands {
 public:
  struct Events {
    std::function<void()> on_change;      // a command may have changed a job or the mode
    std::function<void()> on_look;        // running jobs are about to be told: bring their progress
    std::function<std::string()> notice;  // why no study is begun, or nothing
  };

  Commands(ServiceContext& context, Intake& intake, Events events)
      : context_(context), intake_(intake), events_(std::move(events)) {}

  /// Throws std::runtime_error with a sentence for the person.
  [[nodiscard]] nlohmann::json Answer(const nlohmann::json& request, const Requester& who);

 private:
  [[nodiscard]] nlohmann::json Submit(const nlohmann::json& request, const Requester& who);
  [[nodiscard]] nlohmann::json List(const nlohmann::json& request);
  [[nodiscard]] nlohmann::json Show(JobId id);
  [[nodiscard]] nlohmann::json Change(const std::string& command, JobId id, const Requester& who);
  [[nodiscard]] nlohmann::json Remeasure(const nlohmann::json& request, const Requester& who);
  [[nodiscard]] nlohmann::json SetMode(const std::string& command, const Requester& who);

  ServiceContext& context_;
  Intake& intake_;
  Events events_;
};

}  // namespace dinsd
