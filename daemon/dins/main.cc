#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "daemon/dins/commands.h"

namespace {

// App::help would tell of the chosen command, which is this one.
void AddHelpCommand(CLI::App& app) {
  app.add_subcommand("help", "print this")->callback([&app] {
    std::fputs(app.get_formatter()->make_help(&app, app.get_name(), CLI::AppFormatMode::Normal).c_str(), stdout);
  });
}

int Main(int argc, char** argv) {
  CLI::App app{"dins: segment neurofibromas on whole-body MRI from clicks (research use only)", "dins"};
  app.set_version_flag("--version", DINSD_VERSION);
  app.require_subcommand(1);
  dinsd::AddCardCommand(app);
  dinsd::AddConvertCommand(app);
  dinsd::AddDicomCommand(app);
  dinsd::AddEvaluateCommand(app);
  dinsd::AddExperimentCommand(app);
  dinsd::AddExplainCommand(app);
  dinsd::AddHistoryCommand(app);
  dinsd::AddImportWeightsCommand(app);
  dinsd::AddPhantomCommand(app);
  dinsd::AddPlanCommand(app);
  dinsd::AddPrepareCommand(app);
  dinsd::AddQueueCommand(app);
  dinsd::AddOutboxCommand(app);
  dinsd::AddReaderCommand(app);
  dinsd::AddRegisterCommand(app);
  dinsd::AddReviewCommand(app);
  dinsd::AddScoreCommand(app);
  dinsd::AddSegmentCommand(app);
  dinsd::AddSimulateCommand(app);
  dinsd::AddTrainCommand(app);
  dinsd::AddVerifyReferenceCommand(app);
  AddHelpCommand(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& error) {  // has been said already
    return error.get_exit_code();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Main(argc, argv);
  } catch (const std::filesystem::filesystem_error& error) {  // its own words are those of the library
    std::fprintf(stderr, "dins: '%s': %s\n", error.path1().c_str(), error.code().message().c_str());
    return 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dins: %s\n", error.what());
    return 1;
  }
}
