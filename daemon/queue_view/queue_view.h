#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace dinsd {

// The daemon's answers in words for a terminal. Control characters of names are shown as '?': a name may hold any.

/// Jobs as a table, and how many are in which state.
[[nodiscard]] std::string ListInWords(const nlohmann::json& answer);

/// One job with its reason, journal and results.
[[nodiscard]] std::string JobInWords(const nlohmann::json& job);

/// "job 7 is held", "the queue is paused".
[[nodiscard]] std::string AnswerInWords(const nlohmann::json& answer);

/// What was measured otherwise than the daemon would measure it now, and how much of it is queued again.
[[nodiscard]] std::string RemeasureInWords(const nlohmann::json& answer);

/// The running jobs, a line each with progress and time left, and the counts.
[[nodiscard]] std::string RunningInWords(const nlohmann::json& answer);

/// Shows the running jobs every `seconds`, on a terminal in place, else as lines that come when something changed.
/// Returns when the daemon ends (by an exception of AskDaemon) or never.
void WatchQueue(const std::filesystem::path& socket, double seconds, bool is_terminal);

/// The answers to `dins outbox`.
[[nodiscard]] std::string OutboxInWords(const nlohmann::json& answer);

[[nodiscard]] std::string OutboxAnswerInWords(const nlohmann::json& answer);

/// "1 pending, 2 published-unconfirmed"; nothing where everything has come to its end well.
[[nodiscard]] std::string SendCountsInWords(const nlohmann::json& counts);

/// A state of the outbox for people: "published-unconfirmed" for "unconfirmed".
[[nodiscard]] std::string SendStateInWords(const std::string& state);

}  // namespace dinsd
