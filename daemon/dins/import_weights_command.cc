#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "model/tensorflow_checkpoint.h"
#include "model/weights_file.h"

namespace dinsd {
namespace {

struct Options {
  std::string prefix;
  std::string out;
};

void Run(const Options& options) {
  ImportedCheckpoint imported = ReadTensorFlowCheckpoint(options.prefix);
  ModelManifest manifest;  // the defaults are the published evaluation's
  manifest.width = imported.width;
  manifest.axis_rule = AxisRule::kWorldAxes;
  manifest.training_data =
      "imported from a TensorFlow checkpoint of the published implementation; training data not stated there";
  manifest.licence = "as the checkpoint's";
  manifest.created_by = "dins import-weights --tensorflow";
  const DinsNetwork network(imported.width, DimVariant::kBoth, std::move(imported.tensors));
  SaveWeights(options.out, network, manifest, StoredAs::kFloat32);
  std::printf("left out: %zu entries that are not the network's (optimizer state, bookkeeping)\n",
              imported.skipped.size());
  std::printf("%s: width %d, %zu tensors\n", options.out.c_str(), manifest.width, network.tensors().size());
}

}  // namespace

void AddImportWeightsCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "import-weights", "turn a TensorFlow checkpoint of the published implementation into a weights file");
  const auto options = std::make_shared<Options>();
  command->add_option("--tensorflow", options->prefix, "PREFIX of PREFIX.index and PREFIX.data-00000-of-00001")
      ->required()
      ->check(IsPath);
  command->add_option("--out", options->out, "weights file to write (.safetensors)")->required()->check(IsPath);
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
