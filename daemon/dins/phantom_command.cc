#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "pipeline/phantom/phantom.h"
#include "pipeline/phantom/phantom_files.h"

namespace dinsd {
namespace {

struct Options {
  std::string preset = "wbmri-a";
  std::uint64_t seed = 1;
  std::string out;
  int timepoints = 0;
  bool has_dicom = false;
  bool has_wide_changes = false;
  PhantomStations stations;
};

// CLI11 turns what does not fit into the largest number.
std::string IsSeed(const std::string& text) {
  const bool fits = !text.empty() && text.size() <= std::numeric_limits<std::uint64_t>::digits10 &&
                    text.find_first_not_of("0123456789") == std::string::npos;
  return fits ? "" : "'" + text + "' is not a seed: a whole number of at most 19 digits";
}

void Write(const PhantomOptions& options, const std::filesystem::path& folder, PhantomFormat format,
           const PhantomStations& stations) {
  const Phantom phantom = MakePhantom(options);
  WritePhantom(phantom, folder, format, stations);
  double total = 0;
  for (const PhantomLesion& lesion : phantom.lesions) total += lesion.voxel_ml;
  std::printf("%s: %s, seed %llu, %zu lesions, %.1f mL\n", folder.c_str(), NameOf(options.preset).c_str(),
              static_cast<unsigned long long>(options.seed), phantom.lesions.size(), total);
}

void AddStationOptions(CLI::App& command, PhantomStations& stations) {
  CLI::Option* count =
      command.add_option("--stations", stations.count, "cut the DICOM form into overlapping table stations")
          ->check(CLI::Range(1, kMostStations))
          ->needs("--dicom")
          ->capture_default_str();
  command.add_option("--overlap", stations.overlap_mm, "of neighbouring stations, mm")
      ->check(CLI::Range(1.0, 1000.0))
      ->needs(count)
      ->capture_default_str();
  command.add_flag("--one-series", stations.in_one_series, "all stations in one DICOM series, instead of one each")
      ->needs(count);
  command.add_flag("--composed", stations.has_composed, "the series that a scanner composes of the stations, too")
      ->needs(count);
}

void Run(const Options& options) {
  if (std::filesystem::exists(options.out) && !std::filesystem::is_empty(options.out)) {
    throw std::runtime_error("--out: " + options.out + " exists already and is not empty");
  }
  PhantomOptions phantom{PhantomPresetFrom(options.preset), options.seed, 1,
                         options.has_wide_changes ? PhantomChanges::kWide : PhantomChanges::kUsual};
  const PhantomFormat format = options.has_dicom ? PhantomFormat::kNiftiAndDicom : PhantomFormat::kNifti;
  if (options.timepoints == 0) return Write(phantom, options.out, format, options.stations);
  for (phantom.timepoint = 1; phantom.timepoint <= options.timepoints; ++phantom.timepoint)
    Write(phantom, std::filesystem::path(options.out) / ("t" + std::to_string(phantom.timepoint)), format,
          options.stations);
}

}  // namespace

void AddPhantomCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("phantom", "make a synthetic study with tumours, clicks and the truth");
  const auto options = std::make_shared<Options>();
  command->add_option("--preset", options->preset, "wbmri-a (10 mm slices), wbmri-b (6 mm slices) or small (a thigh)")
      ->check(CLI::IsMember({"wbmri-a", "wbmri-b", "small"}))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "the same seed gives the same bytes")
      ->check(IsSeed)
      ->capture_default_str();
  command
      ->add_option("--out", options->out, "new or empty folder for study/ and truth/ (t1/, t2/, ... with --timepoints)")
      ->required()
      ->check(IsPath);
  command->add_flag("--dicom", options->has_dicom, "the study once more as a DICOM series, in dicom/");
  AddStationOptions(*command, options->stations);
  CLI::Option* timepoints =
      command->add_option("--timepoints", options->timepoints, "visits of the same patient, 1 to 8")
          ->check(CLI::Range(1, kMostTimepoints));
  command
      ->add_flag("--wide-changes", options->has_wide_changes,
                 "between visits a third of the tumours stays, others change by -60 to +150 %")
      ->needs(timepoints);
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
