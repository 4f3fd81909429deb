#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "pipeline/evaluate/simulated_reader.h"
#include "pipeline/read/label_file.h"
#include "pipeline/write/nifti_writer.h"

namespace dinsd {
namespace {

struct Options {
  std::string truths;
  std::string out;
  ReaderOptions reader;
};

// Truths by their case's name: NAME.nii.gz, or NAME/truth/truth.nii.gz of a phantom.
std::map<std::string, std::filesystem::path> Truths(const std::filesystem::path& folder) {
  constexpr std::string_view kEnding = ".nii.gz";
  std::map<std::string, std::filesystem::path> truths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::filesystem::path phantom = entry.path() / "truth" / "truth.nii.gz";
    if (std::filesystem::exists(phantom)) {
      truths[name] = phantom;
    } else if (name.size() > kEnding.size() && name.ends_with(kEnding)) {
      truths[name.substr(0, name.size() - kEnding.size())] = entry.path();
    }
  }
  if (truths.empty()) throw std::runtime_error(folder.string() + ": holds neither NAME.nii.gz nor phantoms");
  return truths;
}

void Run(const Options& options) {
  const std::filesystem::path out = options.out;
  for (const std::string part : {"truth", "reader"}) std::filesystem::create_directories(out / part);
  const auto truths = Truths(options.truths);
  for (const auto& [name, file] : truths) {
    ReaderOptions reader = options.reader;
    reader.seed += static_cast<std::uint64_t>(std::distance(truths.begin(), truths.find(name)));
    const LabelMap truth = ReadLabelFile(file);
    WriteNifti(out / "truth" / (name + ".nii.gz"), truth);
    WriteNifti(out / "reader" / (name + ".nii.gz"), SimulateReader(truth, reader));
  }
  std::printf("%zu cases, simulated reader: seed %llu, jitter %g mm, bias %g mm, missed end slices %g\n", truths.size(),
              static_cast<unsigned long long>(options.reader.seed), options.reader.jitter_mm, options.reader.bias_mm,
              options.reader.missed_end_slices);
}

}  // namespace

void AddReaderCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "reader", "draw a simulated second reader's contours: OUT/reader beside OUT/truth, for dins evaluate");
  const auto options = std::make_shared<Options>();
  command->add_option("TRUTHS", options->truths, "folder of NAME.nii.gz, or of phantoms")->required()->check(IsPath);
  command->add_option("--out", options->out, "folder for reader/ and truth/")->required()->check(IsPath);
  command->add_option("--seed", options->reader.seed, "of the first case; each further case has the next")
      ->capture_default_str();
  command->add_option("--jitter", options->reader.jitter_mm, "mm that the contour strays at most")
      ->capture_default_str();
  command->add_option("--bias", options->reader.bias_mm, "mm that it lies outside (below 0: inside)")
      ->capture_default_str();
  command
      ->add_option("--missed", options->reader.missed_end_slices, "chance that an end slice of a lesion is not drawn")
      ->capture_default_str();
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
