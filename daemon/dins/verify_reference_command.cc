#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/verify/verification.h"

namespace dinsd {
namespace {

void Run(const std::string& folder) {
  const auto rows = VerifyReference(folder, {}, [](const std::string& name, std::size_t number, std::size_t of) {
    std::fprintf(stderr, "[%zu/%zu] %s\n", number, of, name.c_str());
  });
  std::fputs(VerificationTable(rows).c_str(), stdout);
  const auto failed = std::count_if(rows.begin(), rows.end(), [](const VerificationRow& row) { return !row.passes; });
  std::printf("%zu rows, %ld failed\n", rows.size(), static_cast<long>(failed));
  if (failed > 0) throw std::runtime_error("verify-reference: " + std::to_string(failed) + " rows failed");
}

}  // namespace

void AddVerifyReferenceCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("verify-reference", "check this program against results of the published implementation");
  const auto folder = std::make_shared<std::string>();
  command->add_option("DIR", *folder, "folder with fixtures.json")->required()->check(IsPath);
  command->callback([folder] { Run(*folder); });
}

}  // namespace dinsd
