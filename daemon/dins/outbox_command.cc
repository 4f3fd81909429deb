#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/command_line/path_check.h"
#include "daemon/control/control_server.h"
#include "daemon/dins/commands.h"
#include "daemon/queue_view/queue_view.h"

namespace dinsd {
namespace {

struct OutboxRequest {
  std::filesystem::path socket = "/run/dinsd/control.sock";
  bool as_json = false;
  std::vector<std::string> states;
  std::int64_t job = 0;
  std::int64_t revision = 0;
  std::string destination;
};

using Request = std::shared_ptr<OutboxRequest>;

void Ask(const OutboxRequest& asked, const nlohmann::json& request, std::string (*in_words)(const nlohmann::json&)) {
  const nlohmann::json answer = AskDaemon(asked.socket, request);
  std::cout << (asked.as_json ? answer.dump(2) + "\n" : in_words(answer)) << std::flush;
}

CLI::App* Add(CLI::App& outbox, const Request& asked, const char* name, const char* about) {
  CLI::App* command = outbox.add_subcommand(name, about);
  command->add_option("--socket", asked->socket, "the daemon's control socket")->capture_default_str()->check(IsPath);
  command->add_flag("--json", asked->as_json, "print the daemon's answer as JSON");
  return command;
}

}  // namespace

void AddOutboxCommand(CLI::App& app) {
  CLI::App* outbox = app.add_subcommand("outbox", "what the running daemon sends where, and sending again");
  outbox->require_subcommand(1);
  const auto asked = std::make_shared<OutboxRequest>();
  CLI::App* list = Add(*outbox, asked, "list", "results and how far they are at each destination");
  list->add_option("--state", asked->states, "only those in these states");
  list->add_option("--job", asked->job, "only those of one job");
  list->callback([asked] {
    Ask(*asked, {{"command", "outbox"}, {"job", asked->job}, {"states", asked->states}, {"limit", 10'000}},
        OutboxInWords);
  });
  CLI::App* send =
      Add(*outbox, asked, "send", "send a result at once, also one that failed or is older than the destination");
  send->add_option("job", asked->job, "its number")->required();
  send->add_option("destination", asked->destination, "its name in the configuration")->required();
  send->add_option("--revision", asked->revision, "another than the newest")->check(CLI::PositiveNumber);
  send->callback([asked] {
    Ask(*asked,
        {{"command", "outbox-send"},
         {"job", asked->job},
         {"revision", asked->revision},
         {"destination", asked->destination}},
        OutboxAnswerInWords);
  });
}

}  // namespace dinsd
