#include "daemon/log/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <memory>

namespace dinsd {
namespace {

LogForm chosen_form = LogForm::kText;

// The priorities of syslog, as systemd reads them.
constexpr std::array<int, 5> kPriorities = {7, 6, 4, 3, 2};

// spdlog's levels begin with one that we do not have, trace.
spdlog::level::level_enum LevelOf(Severity severity) {
  return static_cast<spdlog::level::level_enum>(static_cast<int>(severity) + 1);
}

std::string TextValue(const nlohmann::json& value) {
  if (!value.is_string()) return value.dump();
  const std::string text = value.get<std::string>();
  const bool is_plain = !text.empty() && text.find_first_of(" \"=\t\n") == std::string::npos;
  return is_plain ? text : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string TimeNow() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 32> text{};
  (void)std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

}  // namespace

LogForm LogFormOfStandardError() {
  return ::isatty(STDERR_FILENO) == 1 && std::getenv("JOURNAL_STREAM") == nullptr ? LogForm::kText : LogForm::kJson;
}

LogForm CurrentLogForm() {
  return chosen_form;
}

void SetUpLog(LogForm form, Severity least) {
  chosen_form = form;
  std::shared_ptr<spdlog::logger> logger;
  if (form == LogForm::kText) {
    logger = std::make_shared<spdlog::logger>("dinsd", std::make_shared<spdlog::sinks::stderr_color_sink_st>());
    logger->set_pattern("%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  } else {
    logger = std::make_shared<spdlog::logger>("dinsd", std::make_shared<spdlog::sinks::stderr_sink_st>());
    logger->set_pattern("%v");
  }
  logger->set_level(LevelOf(least));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

std::string LogLine(LogForm form, Severity severity, const std::string& event, const nlohmann::json& fields) {
  if (form == LogForm::kText) {
    std::string line = event;
    for (const auto& [name, value] : fields.items()) line += " " + name + "=" + TextValue(value);
    return line;
  }
  nlohmann::json line = fields;
  line["event"] = event;
  line["level"] = std::string(spdlog::level::to_string_view(LevelOf(severity)).data());
  return std::string("<") + std::to_string(kPriorities.at(static_cast<std::size_t>(severity))) + ">" +
         line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void Log(Severity severity, const std::string& event, const nlohmann::json& fields) {
  if (!spdlog::should_log(LevelOf(severity))) return;
  nlohmann::json timed = fields;
  if (chosen_form == LogForm::kJson) timed["time"] = TimeNow();
  spdlog::log(LevelOf(severity), "{}", LogLine(chosen_form, severity, event, timed));
}

}  // namespace dinsd
