#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"

namespace dinsd {
namespace {

struct Options {
  std::string config;
  std::string cases;
  std::string out;
};

// Becomes dins-train, which lies beside this program: signals and the exit status are its own.
[[noreturn]] void Run(const Options& options) {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "dins-train";
  ::execl(program.c_str(), program.c_str(), "--config", options.config.c_str(), "--cases", options.cases.c_str(),
          "--out", options.out.c_str(), nullptr);
  throw std::runtime_error(program.string() + ": " + std::strerror(errno));
}

}  // namespace

void AddTrainCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("train", "train a network on prepared cases; resumes where an earlier run was stopped");
  const auto options = std::make_shared<Options>();
  command->add_option("--config", options->config, "TOML file with [train] and [manifest]")->required()->check(IsPath);
  command->add_option("--cases", options->cases, "folder with the cases that `dins prepare` made")
      ->required()
      ->check(IsPath);
  command->add_option("--out", options->out, "folder for checkpoint, log, picture and weights")
      ->required()
      ->check(IsPath);
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
