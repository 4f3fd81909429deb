#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/share_check.h"
#include "pipeline/read/label_file.h"
#include "pipeline/segment/score.h"

namespace dinsd {
namespace {

struct Options {
  std::string mask;
  std::string truth;
  bool as_json = false;
  double at_least = 0;
};

nlohmann::json BinJson(const SizeBinScore& bin) {
  return {{"name", bin.name},
          {"lesions", bin.lesions},
          {"mean_dsc", bin.lesions > 0 ? nlohmann::json(bin.mean_dsc) : nlohmann::json()}};
}

void PrintJson(const MaskScore& score) {
  nlohmann::json json = {{"whole_dsc", score.whole_dsc}, {"above_1_ml", BinJson(score.above_1_ml)}};
  json["bins"] = nlohmann::json::array();
  for (const SizeBinScore& bin : score.bins) json["bins"].push_back(BinJson(bin));
  json["lesions"] = nlohmann::json::array();
  for (const LesionScore& lesion : score.lesions) {
    json["lesions"].push_back(
        {{"label", lesion.label}, {"truth_ml", lesion.truth_ml}, {"mask_ml", lesion.mask_ml}, {"dsc", lesion.dsc}});
  }
  std::printf("%s\n", json.dump(2).c_str());
}

void PrintBin(const SizeBinScore& bin) {
  std::printf("%-16s %7d lesions", bin.name.c_str(), bin.lesions);
  if (bin.lesions > 0) std::printf("   mean DSC %.3f", bin.mean_dsc);
  std::printf("\n");
}

void PrintText(const MaskScore& score) {
  std::printf("%5s %12s %12s %7s\n", "label", "truth mL", "mask mL", "DSC");
  for (const LesionScore& lesion : score.lesions) {
    std::printf("%5d %12.3f %12.3f %7.3f\n", lesion.label, lesion.truth_ml, lesion.mask_ml, lesion.dsc);
  }
  for (const SizeBinScore& bin : score.bins) PrintBin(bin);
  PrintBin(score.above_1_ml);
  std::printf("whole mask DSC %.3f\n", score.whole_dsc);
}

void Run(const Options& options) {
  const MaskScore score = ScoreMask(ReadLabelFile(options.mask), ReadLabelFile(options.truth));
  options.as_json ? PrintJson(score) : PrintText(score);
  if (score.whole_dsc < options.at_least) throw std::runtime_error("the DSC of the whole mask is too low");
  if (score.above_1_ml.lesions > 0 && score.above_1_ml.mean_dsc < options.at_least) {
    throw std::runtime_error("the mean DSC of lesions above 1 mL is too low");
  }
}

}  // namespace

void AddScoreCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("score", "compare a mask with the truth, label by label");
  const auto options = std::make_shared<Options>();
  command->add_option("MASK", options->mask, "label map, such as mask.nii.gz of a result")->required()->check(IsPath);
  command->add_option("--truth", options->truth, "label map of the truth; label k is compared with label k")
      ->required()
      ->check(IsPath);
  command->add_flag("--json", options->as_json, "print JSON");
  command->add_option("--at-least", options->at_least, "fail where the DSC of the whole mask or of lesions is lower")
      ->check(IsShare);
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
