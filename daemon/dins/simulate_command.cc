#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/dice_picture.h"
#include "daemon/dins/guide_argument.h"
#include "daemon/dins/output_argument.h"
#include "daemon/dins/share_check.h"
#include "daemon/dins/study_argument.h"
#include "daemon/weights/find_weights.h"
#include "model/device.h"
#include "model/interaction.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/segment/axes.h"
#include "pipeline/segment/intensity_check.h"
#include "pipeline/segment/stage_clock.h"
#include "pipeline/write/nifti_writer.h"

namespace dinsd {
namespace {

struct Options {
  std::string study;
  std::string truth;
  std::string series;
  std::string weights;
  std::string device = "auto";
  int threads = 0;
  int clicks = 20;
  double stop_at_dice = 0.85;
  bool average_flips = false;
  GuideArgument guide;
  std::string picture;
  std::string mask;
};

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// One row of the table per click.
class Table {
 public:
  Table(const Volume& volume, const AxisMap& axes) : volume_(volume), axes_(axes), begin_(Seconds()) {
    std::printf("%5s %4s  %-18s %-26s %7s %10s %8s\n", "click", "sign", "voxel i, j, k", "LPS mm", "DSC", "mask mL",
                "seconds");
  }

  void Add(const InteractionStep& step) {
    const double now = Seconds();
    dice.push_back(step.dice);
    const Index3& v = step.click.voxel;
    std::printf("%5zu %4s  ", dice.size(), step.click.polarity == Polarity::kPositive ? "+" : "-");
    if (v.z >= axes_.Size().z) {  // the zero slice of an odd depth
      std::printf("%-45s", "in the padding");
    } else {
      PrintPlace(axes_.ToGrid(v));
    }
    std::printf(" %7.3f %10.2f %8.2f\n", step.dice,
                static_cast<double>(step.prediction_voxels) * volume_.grid.VoxelVolumeMl(), now - begin_);
    std::fflush(stdout);
    begin_ = now;
  }

  std::vector<double> dice;  // after each click

 private:
  void PrintPlace(const std::array<std::int64_t, 3>& ijk) const {
    const auto lps = LpsFromIndex(
        volume_.grid, {static_cast<double>(ijk[0]), static_cast<double>(ijk[1]), static_cast<double>(ijk[2])});
    std::printf("%5lld %5lld %5lld  %8.1f %8.1f %8.1f", static_cast<long long>(ijk[0]), static_cast<long long>(ijk[1]),
                static_cast<long long>(ijk[2]), lps[0], lps[1], lps[2]);
  }

  const Volume& volume_;
  const AxisMap& axes_;
  double begin_;
};

std::vector<std::uint8_t> TruthArray(const std::string& file, const Volume& volume, const AxisMap& axes) {
  const LabelMap truth = ReadLabelFile(file);
  if (!IsSameGrid(truth.grid, volume.grid, 0.05))
    throw std::runtime_error(file + " lies on another grid than the image");
  std::vector<std::uint8_t> inside(truth.labels.size());
  std::transform(truth.labels.begin(), truth.labels.end(), inside.begin(),
                 [](std::uint16_t label) { return label != 0 ? 1 : 0; });
  return ToArray<std::uint8_t>(inside, axes);
}

void WriteMask(const std::string& file, const std::vector<std::uint8_t>& prediction, const Volume& volume,
               const AxisMap& axes) {
  const std::vector<std::uint8_t> mask = FromArray<std::uint8_t>(prediction, axes);
  WriteNifti(file, LabelMap{volume.grid, {mask.begin(), mask.end()}});
}

// Before the work, not after it.
void CheckOutputs(const Options& options) {
  if (!options.mask.empty()) {
    CheckOutputFile("--mask", options.mask, {".nii", ".nii.gz"});
    RefuseInsideStudy("--mask", options.mask, options.study);
  }
  if (!options.picture.empty()) {
    CheckOutputFile("--picture", options.picture, {".svg"});
    RefuseInsideStudy("--picture", options.picture, options.study);
  }
}

void Run(const Options& options) {
  CheckOutputs(options);
  const ChosenDevice device = ChooseDevice(options.device);
  if (options.threads > 0) SetNetworkThreads(options.threads);
  SegmentOptions asked;
  ApplyGuide(options.guide, asked);
  LoadedModel model = LoadModel(FindWeights(options.weights), device.name);
  CheckGuide(model.manifest, model.weights_name, asked.guide, asked.sigma.has_value());
  if (options.average_flips) model.segmenter = AverageOverFlips(std::move(model.segmenter));
  const StudyArgument argument = OpenStudy(options.study, options.series, "");
  const StudyImage& chosen = ChosenImage(argument.study);
  const Volume volume = ReadStudyImage(argument.root, chosen, argument.read);
  for (const std::string& warning : CheckIntensities(volume, chosen.files.front()))
    std::printf("warning: %s\n", CleanLine(warning).c_str());
  const AxisMap axes = ChooseAxes(volume.grid, model.manifest.axis_rule);
  const std::vector<std::uint8_t> truth = TruthArray(options.truth, volume, axes);
  const NetworkGrid grid = NetworkGrid::For(model.manifest, axes.Size(), axes.SpacingMm());
  const std::vector<float> image = grid.Image(ToArray<float>(volume.voxels, axes), model.manifest.normalisation);
  InteractionOptions interaction;
  interaction.stop_at_dice = options.stop_at_dice;
  interaction.max_clicks = options.clicks;
  interaction.guide = GuideRuleOf(model.manifest);
  if (asked.sigma) interaction.guide.spread = *asked.sigma;
  const double begin = Seconds();
  Table table(volume, axes);
  const InteractionResult result =
      SimulateInteraction(grid, image, truth, axes.SpacingMm(), *model.segmenter, interaction,
                          [&](const InteractionStep& step, std::span<const std::uint8_t>) {
                            table.Add(step);
                            return true;
                          });
  std::printf("%zu clicks, DSC %.3f, %.1f s, peak memory %.2f GiB, weights %s, device %s (%s)\n", table.dice.size(),
              table.dice.empty() ? 1.0 : table.dice.back(), Seconds() - begin, PeakMemoryGib(),
              model.weights_name.c_str(), device.name.c_str(), device.reason.c_str());
  if (!options.picture.empty()) DrawDice(table.dice, options.picture);
  if (!options.mask.empty()) WriteMask(options.mask, result.prediction, volume, axes);
}

}  // namespace

void AddSimulateCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "simulate", "let a simulated person click until the mask is right: click, network, Dice, next click");
  const auto options = std::make_shared<Options>();
  command->add_option("STUDY", options->study, "folder of one study, or an image file")->required()->check(IsPath);
  command->add_option("--truth", options->truth, "label map of the truth; everything above 0 is tumour")
      ->required()
      ->check(IsPath);
  command->add_option("--clicks", options->clicks, "at most so many, of both signs together")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  command->add_option("--stop", options->stop_at_dice, "Dice at which the person is content")
      ->check(IsShare)
      ->capture_default_str();
  command->add_option("--picture", options->picture, "write DSC over clicks as an SVG picture")->check(IsPath);
  command->add_option("--mask", options->mask, "write the last mask (.nii.gz)")->check(IsPath);
  command->add_option("--series", options->series, "SeriesInstanceUID, where the study holds several images");
  command->add_option("--weights", options->weights, "weights file (default: the shipped one)")->check(IsPath);
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->add_option("--threads", options->threads, "threads of the network; 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_flag("--flips", options->average_flips, "average over eight flips: eight times the time");
  AddGuideOptions(*command, options->guide);
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
