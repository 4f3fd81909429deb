#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "daemon/dins/commands.h"
#include "daemon/dins/dataset.h"
#include "model/device.h"
#include "model/interaction.h"
#include "model/network_segmenter.h"

namespace dinsd {
namespace {

struct Options {
  std::string dataset;
  std::string weights;
  std::string split = "val";
  std::string device = "auto";
  int clicks = 10;
};

// DSC after 1, 2, ... clicks; a case that is finished early keeps its last one.
std::vector<double> DiceByClick(const Options& options, const std::string& name, LoadedModel& model) {
  const LoadedCase loaded = LoadCase(options.dataset, name, model.manifest.axis_rule);
  const Vec3 spacing = loaded.axes.SpacingMm();
  const NetworkGrid grid = NetworkGrid::For(model.manifest, loaded.axes.Size(), spacing);
  const InteractionOptions interaction{
      .stop_at_dice = 2, .max_clicks = options.clicks, .spread = {model.manifest.sigma, model.manifest.sigma_unit}};
  const InteractionResult result = SimulateInteraction(grid, grid.Image(loaded.image, model.manifest.normalisation),
                                                       loaded.mask, spacing, *model.segmenter, interaction);
  std::vector<double> dice;
  for (const InteractionStep& step : result.steps) dice.push_back(step.dice);
  dice.resize(static_cast<std::size_t>(options.clicks), dice.empty() ? 0 : dice.back());
  return dice;
}

void Run(const Options& options) {
  LoadedModel model = LoadModel(options.weights, ChooseDevice(options.device).name);
  std::vector<double> sum(static_cast<std::size_t>(options.clicks));
  int count = 0;
  std::printf("case");
  for (int k = 1; k <= options.clicks; ++k) std::printf(" %6d", k);
  std::printf("\n");
  for (const DatasetCase& c : ListCases(options.dataset)) {
    if (c.split != options.split) continue;
    const std::vector<double> dice = DiceByClick(options, c.name, model);
    std::printf("%s", c.name.c_str());
    for (std::size_t k = 0; k < dice.size(); ++k) {
      sum[k] += dice[k];
      std::printf(" %6.3f", dice[k]);
    }
    std::printf("\n");
    std::fflush(stdout);
    ++count;
  }
  if (count == 0) throw std::runtime_error("no case of split '" + options.split + "'");
  std::printf("mean of %d", count);
  for (const double s : sum) std::printf(" %6.3f", s / count);
  std::printf("\nweights %s\n", model.weights_sha256.c_str());
}

}  // namespace

void AddCardCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("card", "make the model card's figures again: DSC after each simulated click");
  const auto options = std::make_shared<Options>();
  command->add_option("DATASET", options->dataset, "folder with images/, masks/ and splits.csv")->required();
  command->add_option("--weights", options->weights, "weights file")->required();
  command->add_option("--split", options->split, "split of the cases")->capture_default_str();
  command->add_option("--clicks", options->clicks, "clicks per case")->capture_default_str()->check(CLI::Range(1, 100));
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
