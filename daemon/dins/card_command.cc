#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/dataset.h"
#include "daemon/dins/interactive_method.h"
#include "model/device.h"
#include "model/network_segmenter.h"
#include "model/train/training_case.h"
#include "model/train/training_guide.h"
#include "model/train/validation.h"

namespace dinsd {
namespace {

struct Options {
  std::string dataset;
  std::string weights;
  std::string split = "val";
  std::string device = "auto";
  int clicks = 10;
  int lesion_clicks = 3;
};

// Sizes of lesions that the table tells apart, mL.
constexpr double kSmallMl = 1, kLargeMl = 10;

struct Group {
  const char* name;
  double sum = 0;
  int count = 0;

  void Add(double dsc) {
    sum += dsc;
    ++count;
  }
  void Print() const {
    if (count > 0) std::printf("%-12s %4d lesions  mean DSC %.3f\n", name, count, sum / count);
  }
};

// Studies with many lesions: DSC of each lesion in a window round it, `clicks` clicks in every lesion of the window.
void RunPhantoms(const Options& options, const std::vector<DatasetCase>& cases) {
  LoadedModel model = LoadModel(options.weights, ChooseDevice(options.device).name);
  TrainOptions scoring;
  scoring.crop = model.manifest.training_crop;
  UseGuideOf(model.manifest, scoring);
  scoring.min_clicks_per_lesion = scoring.max_clicks_per_lesion = options.lesion_clicks;
  Group small{"under 1 mL"}, middle{"1 to 10 mL"}, large{"over 10 mL"}, measured{"over 1 mL"};
  for (const DatasetCase& c : cases) {
    const LoadedCase loaded = LoadCase(options.dataset, c.name, model.manifest.axis_rule);
    const Vec3 spacing = loaded.axes.SpacingMm();
    const NetworkGrid grid = NetworkGrid::For(model.manifest, loaded.axes.Size(), spacing);
    const PreparedCase prepared{c.set,
                                c.name,
                                c.split,
                                grid.network(),
                                grid.Image(loaded.image, model.manifest.normalisation),
                                grid.ToNetwork(loaded.mask),
                                loaded.axes.Size(),
                                spacing};
    const double voxel_ml = spacing.x * spacing.y * spacing.z * static_cast<double>(loaded.mask.size()) /
                            static_cast<double>(prepared.mask.size()) / 1000;
    for (const LesionScore& score : LesionScores(WithLesions(prepared), *model.segmenter, scoring, SIZE_MAX, 1)) {
      const double ml = static_cast<double>(score.voxels) * voxel_ml;
      std::printf("%s %8.2f mL  DSC %.3f\n", c.name.c_str(), ml, score.dsc);
      (ml < kSmallMl ? small : ml < kLargeMl ? middle : large).Add(score.dsc);
      if (ml >= kSmallMl) measured.Add(score.dsc);
    }
    std::fflush(stdout);
  }
  for (const Group& group : {small, middle, large, measured}) group.Print();
  std::printf("%d clicks a lesion; weights %s\n", options.lesion_clicks, model.weights_sha256.c_str());
}

void Run(const Options& options) {
  const std::vector<DatasetCase> cases = ListCases(options.dataset);
  if (ArePhantoms(options.dataset)) return RunPhantoms(options, cases);
  const std::unique_ptr<InteractiveMethod> method = MakeDinsMethod(options.weights, ChooseDevice(options.device).name);
  std::vector<double> sum(static_cast<std::size_t>(options.clicks));
  int count = 0;
  std::printf("case");
  for (int k = 1; k <= options.clicks; ++k) std::printf(" %6d", k);
  std::printf("\n");
  for (const DatasetCase& c : cases) {
    if (c.split != options.split) continue;
    const LoadedCase loaded = LoadCase(options.dataset, c.name, method->Axes());
    std::vector<double> dice = method->Answer(loaded, options.clicks).dice;
    dice.resize(sum.size(), dice.empty() ? 1 : dice.back());  // a case that is finished early keeps its last one
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
  std::printf("\nweights %s\n", method->Sha256().c_str());
}

}  // namespace

void AddCardCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("card", "make the model card's figures again: DSC after each simulated click");
  const auto options = std::make_shared<Options>();
  command->add_option("DATASET", options->dataset, "folder with images/, masks/ and splits.csv, or with phantoms")
      ->required()
      ->check(IsPath);
  command->add_option("--weights", options->weights, "weights file")->required()->check(IsPath);
  command->add_option("--split", options->split, "split of the cases")->capture_default_str();
  command->add_option("--clicks", options->clicks, "clicks per case")->capture_default_str()->check(CLI::Range(1, 100));
  command->add_option("--lesion-clicks", options->lesion_clicks, "clicks per lesion, where DATASET holds phantoms")
      ->capture_default_str()
      ->check(CLI::Range(1, 10));
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
