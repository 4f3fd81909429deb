#include <unistd.h>

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

struct QueueRequest {
  std::filesystem::path socket = "/run/dinsd/control.sock";
  bool as_json = false;
  std::filesystem::path study;
  std::string lane = "routine";
  std::vector<std::string> states;
  std::int64_t job = 0;
  double every_seconds = 1;
  std::string weights;
  bool only_lists = false;
};

using Request = std::shared_ptr<QueueRequest>;

void Ask(const QueueRequest& asked, const nlohmann::json& request, std::string (*in_words)(const nlohmann::json&)) {
  const nlohmann::json answer = AskDaemon(asked.socket, request);
  std::cout << (asked.as_json ? answer.dump(2) + "\n" : in_words(answer)) << std::flush;
}

CLI::App* Add(CLI::App& queue, const Request& asked, const char* name, const char* about) {
  CLI::App* command = queue.add_subcommand(name, about);
  command->add_option("--socket", asked->socket, "the daemon's control socket")->capture_default_str()->check(IsPath);
  command->add_flag("--json", asked->as_json, "print the daemon's answer as JSON");
  return command;
}

void AddLooking(CLI::App& queue, const Request& asked) {
  CLI::App* list = Add(queue, asked, "list", "list jobs");
  list->add_option("--state", asked->states, "only jobs in these states");
  list->callback([asked] {
    Ask(*asked, {{"command", "list"}, {"states", asked->states}, {"after", 0}, {"limit", 10'000}}, ListInWords);
  });
  CLI::App* show = Add(queue, asked, "show", "one job with its journal and results");
  show->add_option("job", asked->job, "its number")->required();
  show->callback([asked] { Ask(*asked, {{"command", "show"}, {"job", asked->job}}, JobInWords); });
  CLI::App* watch = Add(queue, asked, "watch", "running jobs with progress and time left, again and again");
  watch->add_option("--every", asked->every_seconds, "seconds between looks")->check(CLI::Range(0.1, 3600.0));
  watch->callback([asked] { WatchQueue(asked->socket, asked->every_seconds, ::isatty(STDOUT_FILENO) == 1); });
}

void AddChanging(CLI::App& queue, const Request& asked) {
  CLI::App* submit = Add(queue, asked, "submit", "segment a study that lies anywhere the daemon may read");
  submit->add_option("study", asked->study, "its folder or image file")->required()->check(IsPath);
  submit->add_option("--lane", asked->lane, "urgent, routine or bulk")->capture_default_str();
  submit->callback([asked] {
    const std::string path = std::filesystem::absolute(asked->study).lexically_normal();
    Ask(*asked, {{"command", "submit"}, {"path", path}, {"lane", asked->lane}}, AnswerInWords);
  });
  const auto add_job_command = [&](const char* name, const char* about) {
    CLI::App* command = Add(queue, asked, name, about);
    command->add_option("job", asked->job, "its number")->required();
    command->callback([asked, name] { Ask(*asked, {{"command", name}, {"job", asked->job}}, AnswerInWords); });
  };
  add_job_command("retry", "again from the start, with fresh budgets");
  add_job_command("cancel", "give a job up");
  add_job_command("hold", "put a job aside");
  add_job_command("release", "take a held job back");
}

void AddRemeasure(CLI::App& queue, const Request& asked) {
  CLI::App* command = Add(queue, asked, "remeasure",
                          "queue all results again that were measured with other weights, options or another version");
  command->add_option("--weights", asked->weights, "only those measured with these weights (SHA-256)");
  command->add_flag("--list", asked->only_lists, "only say which they are");
  command->callback([asked] {
    Ask(*asked, {{"command", "remeasure"}, {"weights", asked->weights}, {"list", asked->only_lists}}, RemeasureInWords);
  });
}

void AddModes(CLI::App& queue, const Request& asked) {
  const auto add_mode = [&](const char* name, const char* about) {
    Add(queue, asked, name, about)->callback([asked, name] { Ask(*asked, {{"command", name}}, AnswerInWords); });
  };
  add_mode("pause", "begin no more jobs; running ones go on");
  add_mode("resume", "begin jobs again");
  add_mode("drain", "begin no more jobs and end the daemon when the running ones are done");
}

}  // namespace

void AddQueueCommand(CLI::App& app) {
  CLI::App* queue = app.add_subcommand("queue", "ask the running daemon about its jobs, or change them");
  queue->require_subcommand(1);
  const auto asked = std::make_shared<QueueRequest>();
  AddLooking(*queue, asked);
  AddChanging(*queue, asked);
  AddRemeasure(*queue, asked);
  AddModes(*queue, asked);
}

}  // namespace dinsd
