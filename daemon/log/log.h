#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace dinsd {

enum class Severity { kDebug, kInfo, kWarning, kError, kCritical };

/// How a line of the log looks: words for a person at a terminal, or one JSON object with the priority before it
/// (`<6>{...}`), as the journal of systemd takes it.
enum class LogForm { kText, kJson };

/// kText where standard error is a terminal that is not the journal's.
[[nodiscard]] LogForm LogFormOfStandardError();

/// The form that SetUpLog was given.
[[nodiscard]] LogForm CurrentLogForm();

/// Sets the log up, before the first line; what is less severe than `least` is left out.
void SetUpLog(LogForm form, Severity least);

/// One line: `event` in plain words, and its fields. Never a path, a name or an identifier of a patient: jobs are told
/// by their number, reasons by their code.
void Log(Severity severity, const std::string& event, const nlohmann::json& fields = nlohmann::json::object());

/// The text of such a line, for tests.
[[nodiscard]] std::string LogLine(LogForm form, Severity severity, const std::string& event,
                                  const nlohmann::json& fields);

}  // namespace dinsd
