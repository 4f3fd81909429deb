#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/dataset.h"
#include "model/baseline/nnunet_plan.h"

namespace dinsd {
namespace {

struct Options {
  std::string dataset;
  std::int64_t classes = 2;
};

// The box round the voxels that are not 0; the whole image where all are.
Size3 BoxOf(const std::vector<float>& image, const Size3& size) {
  Index3 low{size.z, size.y, size.x}, high{-1, -1, -1};
  for (std::size_t at = 0; at < image.size(); ++at) {
    if (image[at] == 0) continue;
    const Index3 v = IndexAt(size, at);
    low = {std::min(low.z, v.z), std::min(low.y, v.y), std::min(low.x, v.x)};
    high = {std::max(high.z, v.z), std::max(high.y, v.y), std::max(high.x, v.x)};
  }
  if (high.z < 0) return size;
  return {high.z - low.z + 1, high.y - low.y + 1, high.x - low.x + 1};
}

void Run(const Options& options) {
  DataFingerprint fingerprint;
  nlohmann::json names = nlohmann::json::array();
  for (const DatasetCase& c : ListCases(options.dataset)) {
    if (c.split != "train") continue;
    const LoadedCase loaded = LoadCase(options.dataset, c.name, AxisRule::kSliceAxis);
    fingerprint.sizes.push_back(BoxOf(loaded.image, loaded.axes.Size()));
    fingerprint.spacings_mm.push_back(loaded.axes.SpacingMm());
    names.push_back(c.name);
  }
  if (names.empty()) throw std::runtime_error("no case to plan for");
  const NnunetPlan plan = PlanNnunet(fingerprint, options.classes);
  const auto list = [](const auto& v) { return nlohmann::json{v.z, v.y, v.x}; };
  nlohmann::json kernels, strides;
  for (const NetworkStage& stage : plan.stages) {
    kernels.push_back(list(stage.kernel));
    strides.push_back(list(stage.stride));
  }
  const nlohmann::json json = {{"spacing_mm", list(plan.spacing_mm)},
                               {"median_size", list(plan.median_size)},
                               {"patch", list(plan.patch)},
                               {"strides", strides},
                               {"kernels", kernels},
                               {"features", plan.features},
                               {"batch", plan.batch},
                               {"cases", names}};
  std::printf("%s\n", json.dump().c_str());
}

}  // namespace

void AddPlanCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("plan", "say as JSON what nnU-Net's rules plan for the training cases of a data set");
  const auto options = std::make_shared<Options>();
  command->add_option("DATASET", options->dataset, "folder as `dins prepare` takes it")->required()->check(IsPath);
  command->add_option("--classes", options->classes, "with background")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
