#pragma once

namespace CLI {
class App;
}

namespace dinsd {

// One function per subcommand of `dins`, each in the file that is named after it (segment_command.cc, ...). A function
// adds the subcommand with its options to `app` and sets its callback, which throws on failure; main() prints what was
// thrown in one line and exits with 1 (2 for a wrong command line).

void AddCardCommand(CLI::App& app);
void AddConvertCommand(CLI::App& app);
void AddDicomCommand(CLI::App& app);
void AddEvaluateCommand(CLI::App& app);
void AddExperimentCommand(CLI::App& app);
void AddExplainCommand(CLI::App& app);
void AddHistoryCommand(CLI::App& app);
void AddImportWeightsCommand(CLI::App& app);
void AddPhantomCommand(CLI::App& app);
void AddPlanCommand(CLI::App& app);
void AddPrepareCommand(CLI::App& app);
void AddOutboxCommand(CLI::App& app);
void AddQueueCommand(CLI::App& app);
void AddReaderCommand(CLI::App& app);
void AddRegisterCommand(CLI::App& app);
void AddReviewCommand(CLI::App& app);
void AddScoreCommand(CLI::App& app);
void AddSegmentCommand(CLI::App& app);
void AddSimulateCommand(CLI::App& app);
void AddTrainCommand(CLI::App& app);
void AddVerifyReferenceCommand(CLI::App& app);

}  // namespace dinsd
