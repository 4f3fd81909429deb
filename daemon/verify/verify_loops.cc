#include <algorithm>
#include <cmath>

#include "daemon/verify/fixture_set.h"
#include "gpu/overlap.h"
#include "model/box_mode.h"
#include "model/interaction.h"
#include "model/network_segmenter.h"
#include "model/network_segmenter_internal.h"
#include "model/tensorflow_checkpoint.h"

namespace dinsd {
namespace {

constexpr double kInputTolerance = 1e-5;
constexpr double kLoopDiceTolerance = 0.003;  // a voxel within 1e-4 of one half may fall either way
constexpr double kClearMargin = 1e-4;
constexpr double kUnclearVoxels = 8;  // of the image grid: what a few unclear voxels of the network grid come to
constexpr Vec3 kVoxels{1, 1, 1};

bool IsWholeVolume(const nlohmann::json& row) {
  return row.at(1) < 0;
}

IndexBox BoxOf(const nlohmann::json& row) {  // pid, z1, z2, y1, y2, x1, x2, iter
  if (IsWholeVolume(row)) throw std::runtime_error("a row for the whole volume among boxes that are clicked");
  return {{row.at(1), row.at(3), row.at(5)}, {row.at(2), row.at(4), row.at(6)}};
}

std::unique_ptr<Segmenter> SegmenterOf(const FixtureFolder& fixture, const VerificationConstants& constants) {
  ImportedCheckpoint imported = ReadTensorFlowCheckpoint(fixture.Checkpoints().front());
  return MakeSegmenter(DinsNetwork(imported.width, DimVariant::kBoth, std::move(imported.tensors), constants.network),
                       "cpu");
}

bool IsSameClick(const nlohmann::json& expected, const char* place, const InteractionStep& step) {
  const nlohmann::json voxel = {step.click.voxel.z, step.click.voxel.y, step.click.voxel.x};
  return expected.at(place) == voxel && expected.at("channel") == (step.click.polarity == Polarity::kPositive ? 0 : 1);
}

// By how much the number of voxels in a mask differs from the one that a case states.
double LabelDifference(const std::vector<std::uint8_t>& mask, const nlohmann::json& a_case, const char* stated) {
  return std::abs(static_cast<double>(std::count(mask.begin(), mask.end(), 1)) - a_case.at(stated).get<double>());
}

// Voxels of a mask that may differ: none where no probability was near one half.
double MaskTolerance(const nlohmann::json& iteration) {
  return iteration.value("smallest_margin_to_half", 0.0) >= kClearMargin ? 0 : kUnclearVoxels;
}

// Adds the rows of one interaction: wrong clicks (a missing or surplus one counts) and the worst Dice.
void AddSteps(const FixtureFolder& fixture, const std::string& name, const nlohmann::json& expected, const char* place,
              const char* dice, const std::vector<InteractionStep>& steps) {
  double wrong = std::abs(static_cast<double>(expected.size()) - static_cast<double>(steps.size()));
  double worst = 0;
  for (std::size_t i = 0; i < std::min(expected.size(), steps.size()); ++i) {
    wrong += IsSameClick(expected.at(i), place, steps[i]) ? 0 : 1;
    worst = Worse(worst, std::abs(expected.at(i).at(dice).get<double>() - steps[i].dice));
  }
  fixture.Add(name + " clicks", wrong, 0, std::to_string(steps.size()) + " clicks");
  fixture.Add(name + " Dice", worst, kLoopDiceTolerance);
}

void VerifyRun(const FixtureFolder& fixture, const nlohmann::json& run, const NetworkGrid& grid,
               const std::vector<float>& image, const std::vector<std::uint8_t>& label,
               const VerificationConstants& constants) {
  const auto& d = fixture.description();
  std::unique_ptr<Segmenter> segmenter = SegmenterOf(fixture, constants);
  if (run.at("tta8").get<bool>()) segmenter = AverageOverFlips(std::move(segmenter));
  const auto& s = d.at("exp_stddev");
  const InteractionOptions options{.stop_at_dice = run.at("inter_thresh"),
                                   .max_clicks = d.at("max_iter"),
                                   .guide = {.spread = {{s.at(0), s.at(1), s.at(2)}, SigmaUnit::kImageVoxel}},
                                   .rules = constants.clicks};
  const auto masks = fixture.Array(run, "masks_per_iteration_padded_depth").AsBytes();
  const std::size_t voxels = grid.padded().VoxelCount();
  const auto& iterations = run.at("iterations");
  double worst_clear = 0, worst_unclear = 0;
  std::size_t step_number = 0;
  const InteractionResult result = SimulateInteraction(
      grid, image, label, kVoxels, *segmenter, options,
      [&](const InteractionStep&, std::span<const std::uint8_t> mask) {
        const std::size_t begin = step_number * voxels;
        if (begin + voxels > masks.size() || step_number >= iterations.size()) return false;
        const std::vector<std::uint8_t> expected(masks.begin() + static_cast<std::ptrdiff_t>(begin),
                                                 masks.begin() + static_cast<std::ptrdiff_t>(begin + voxels));
        double& worst = MaskTolerance(iterations.at(step_number++)) > 0 ? worst_unclear : worst_clear;
        worst = std::max(worst, CountDifferent({mask.begin(), mask.end()}, expected));
        return true;
      });
  const std::string name = run.at("run");
  AddSteps(fixture, name, iterations, "zyx", "dice", result.steps);
  fixture.Add(name + " clear masks, voxels", worst_clear, 0);
  fixture.Add(name + " masks with unclear voxels", worst_unclear, kUnclearVoxels);
  fixture.Add(name + " final mask, voxels",
              CountDifferent(result.prediction, fixture.Array(run, "final_prediction").AsBytes()),
              iterations.empty() ? 0 : MaskTolerance(iterations.back()));
}

// The network's input and the first click of a box whose arrays are there. `patch` is the label in the window, `mask`
// the box on the network grid.
void VerifyFirstClick(const FixtureFolder& fixture, const nlohmann::json& a_case, const std::string& name,
                      const IndexBox& window, const std::vector<std::uint8_t>& patch,
                      const std::vector<std::uint8_t>& mask, const VerificationConstants& constants) {
  const NetworkGrid grid = WindowGrid(window);
  const NpyArray image = fixture.File("volume.npy");
  fixture.Add(
      name + " network input",
      WorstDifference(grid.Image(CutOut<float>(image.AsFloat(), SizeOf(image), window), Normalisation::kZScorePositive),
                      fixture.Array(a_case, "patch").values, 1),
      kInputTolerance);
  fixture.Add(name + " mask voxels", CountDifferent(mask, fixture.Array(a_case, "mask_network").AsBytes()), 0);
  auto prediction = fixture.Array(a_case, "prediction_network").AsBytes();
  for (std::size_t i = 0; i < prediction.size(); ++i)
    prediction[i] = static_cast<std::uint8_t>(prediction[i] * mask[i]);
  const auto native = grid.ToPadded(prediction);
  fixture.Add(name + " prediction in window", LabelDifference(native, a_case, "native_prediction_voxels"), 0);
  const auto click = NextClick(native, grid.WithPadding(patch), grid.padded(), {}, constants.clicks);
  const InteractionStep step{click.value_or(Click{{-1, -1, -1}, Polarity::kPositive})};
  const nlohmann::json expected = {{"zyx", a_case.at("expected_zyx_in_patch")},
                                   {"channel", a_case.at("expected_channel")}};
  fixture.Add(name + " click", IsSameClick(expected, "zyx", step) ? 0 : 1, 0);
}

}  // namespace

void VerifyLoop(const FixtureFolder& fixture, const VerificationConstants& constants) {
  const auto& d = fixture.description();
  const NpyArray volume = fixture.Array(d, "volume");
  std::vector<float> voxels = volume.AsFloat();
  for (float& v : voxels) v = std::max(v, 0.0F);  // the released test loader clips negatives
  const NetworkGrid grid(SizeOf(volume), d.at("test_height"), d.at("test_width"), constants.edge);
  const std::vector<float> image = grid.Image(voxels, Normalisation::kZScorePositive);
  if (HasArray(d, "network_input")) {
    fixture.Add("network input", WorstDifference(image, fixture.Array(d, "network_input").values, 1), kInputTolerance);
  }
  const auto label = fixture.Array(d, "label").AsBytes();
  for (const auto& run : d.at("runs")) VerifyRun(fixture, run, grid, image, label, constants);
}

void VerifyBox(const FixtureFolder& fixture, const VerificationConstants& constants) {
  const NpyArray label_array = fixture.File("label.npy");
  const Size3 size = SizeOf(label_array);
  std::vector<std::uint8_t> label = label_array.AsBytes();
  int number = 0;
  for (const auto& a_case : fixture.description().at("cases")) {
    const std::string name = "box " + std::to_string(number++);
    if (a_case.at("crop_zyx").is_null()) {  // the whole volume: no window, and nothing is erased
      fixture.Add(name + " whole volume", IsWholeVolume(a_case.at("box_csv")) ? 0 : 1, 0);
      fixture.Add(name + " label voxels", LabelDifference(label, a_case, "label_voxels_in_patch"), 0);
      continue;
    }
    const IndexBox box = BoxOf(a_case.at("box_csv"));
    const IndexBox window = GrowToWindow(box, size);
    const nlohmann::json crop = {
        {window.begin.z, window.end.z}, {window.begin.y, window.end.y}, {window.begin.x, window.end.x}};
    const NetworkGrid grid = WindowGrid(window);
    const nlohmann::json network = {grid.network().z, grid.network().y, grid.network().x};
    fixture.Add(name + " window", crop == a_case.at("crop_zyx") ? 0 : 1, 0);
    fixture.Add(name + " network shape", network == a_case.at("network_shape") ? 0 : 1, 0);
    const auto inside = BoxMask(box, window);
    const auto mask = grid.ToNetwork(inside);
    const auto count = std::count(mask.begin(), mask.end(), 1);
    fixture.Add(name + " mask", std::abs(static_cast<double>(count) - a_case.at("mask_voxels_network").get<double>()),
                0);
    EraseOutsideBox(label, size, box, window);
    const auto patch = CutOut<std::uint8_t>(label, size, window);
    fixture.Add(name + " label in window", LabelDifference(patch, a_case, "label_voxels_in_patch"), 0);
    fixture.Add(name + " label left", LabelDifference(label, a_case, "label_voxels_in_full_after"), 0);
    if (HasArray(a_case, "prediction_network")) VerifyFirstClick(fixture, a_case, name, window, patch, mask, constants);
  }
}

void VerifyBoxLoop(const FixtureFolder& fixture, const VerificationConstants& constants) {
  const FixtureFolder source = fixture.Other("box_folder");
  const NpyArray image = source.File("volume.npy");
  const auto& d = fixture.description();
  std::vector<InteractionBox> boxes;
  for (const auto& row : d.at("boxes")) boxes.push_back({BoxOf(row), row.at(7)});
  const std::unique_ptr<Segmenter> segmenter = SegmenterOf(fixture, constants);
  const BoxInteractionResult result =
      SimulateBoxes(image.AsFloat(), source.File("label.npy").AsBytes(), SizeOf(image), kVoxels,
                    Normalisation::kZScorePositive, boxes, OutsideBox::kErase, *segmenter, {.rules = constants.clicks});
  for (std::size_t b = 0; b < boxes.size(); ++b) {
    AddSteps(fixture, "box " + std::to_string(b), d.at("per_box").at(b).at("iterations"), "zyx_in_patch",
             "dice_whole_volume", result.steps[b]);
  }
  fixture.Add("final mask, voxels", CountDifferent(result.prediction, fixture.Array(d, "final_prediction").AsBytes()),
              kUnclearVoxels);
  const Overlap overlap = CompareMasks(result.prediction, result.label);
  fixture.Add("final Dice", std::abs(overlap.Dsc() - d.at("final_metrics").at("Dice").get<double>()),
              kLoopDiceTolerance);
}

}  // namespace dinsd
