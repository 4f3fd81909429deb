#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/guide_argument.h"
#include "daemon/dins/output_argument.h"
#include "daemon/dins/study_argument.h"
#include "daemon/messages/job_key.h"
#include "daemon/weights/find_weights.h"
#include "model/device.h"
#include "pipeline/interval/how_sure.h"
#include "pipeline/read/date_time.h"
#include "pipeline/report/method.h"
#include "pipeline/report/report.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/write/result_dicom.h"
#include "pipeline/write/result_folder.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

struct Options {
  std::string study;
  std::string prompts;
  std::string series;
  std::string config;
  std::string weights;
  std::string device = "auto";
  std::string mode = "auto";
  std::string out;
  std::vector<std::string> objects = {"seg", "sr", "rtstruct"};
  int threads = 0;
  GuideArgument guide;
  SegmentOptions segment{.interval = {.runs = kUsualIntervalRuns}};
};

// The key that the daemon gives to the same study. It never makes re-runs for the spread alone: that they were asked
// for is in the key where no interval could come of them.
std::string KeyOf(const StudyResult& result, StudyReadOptions read, SegmentOptions options,
                  const DicomOutputOptions& objects) {
  read.wanted_series_uid.clear();  // what was taken is among the inputs
  if (WhyUncalibrated(result, options.interval).empty()) options.interval.even_uncalibrated = false;
  return JobKey(InputsDigest(result.study), result.prompts.sha256, result.weights_sha256, read, options,
                ObjectsFor(result.study, objects));
}

DicomOutputOptions ObjectsFrom(const std::vector<std::string>& words) {
  const auto has = [&](const char* word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  DicomOutputOptions options;
  options.seg = has("seg");
  options.sr = has("sr");
  options.rtstruct = has("rtstruct");
  options.secondary_capture = has("sc");
  if (has("none") && options.HasAny()) throw std::runtime_error("--objects: none goes with no other");
  return options;
}

void Publish(StudyResult& result, const DicomOutput* dicom, const std::string& key, const std::filesystem::path& out) {
  const std::filesystem::path parent = std::filesystem::absolute(out).parent_path();
  std::filesystem::create_directories(parent);
  const std::filesystem::path staging =
      parent / ("." + out.filename().string() + ".staging-" + std::to_string(::getpid()));
  std::filesystem::create_directory(staging);
  try {
    (void)WriteResultFolder(staging, result, result.volume,
                            {.created = FormatDateTime(std::time(nullptr)), .software = ThisSoftware()}, key, dicom);
    RenameFolderOnce(staging, parent / out.filename());
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove_all(staging, ignored);
    throw;
  }
}

std::string IsRunCount(const std::string& text) {
  int runs = 0;
  const bool is_number = CLI::detail::lexical_cast(text, runs);
  return is_number && IntervalOptions::IsRunCount(runs) ? "" : "'" + text + "': it must be 0, or 3 to 100";
}

std::string IntervalWords(const LesionResult& lesion) {
  if (!lesion.interval) return "-";
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "%.3f to %.3f", lesion.interval->low_ml, lesion.interval->high_ml);
  return text.data();
}

void PrintTable(const StudyResult& result) {
  std::printf("%5s  %-12s %10s %19s %7s %7s  %s\n", "label", "lesion", "mL", "90 % interval", "slices", "clicks",
              "flags");
  for (const LesionResult& lesion : result.lesions) {
    std::string flags;
    for (const std::string& flag : lesion.flags) flags += (flags.empty() ? "" : " ") + flag;
    std::printf("%5d  %-12s %10.3f %19s %7d %3d+ %2d-  %s\n", lesion.label, CleanLine(lesion.id).c_str(),
                lesion.volume_ml, IntervalWords(lesion).c_str(), lesion.slices_spanned, lesion.clicks_positive,
                lesion.clicks_negative, CleanLine(flags).c_str());
    for (const std::string& warning : lesion.warnings) std::printf("%7s%s\n", "", CleanLine(warning).c_str());
  }
  std::printf("%5s  %-12s %10.3f\n", "", "total", result.total_ml);
  std::printf("%5s  %-12s %10.3f  in %d parts that no click reaches\n", "", "unprompted", result.unprompted_ml,
              result.unprompted_components);
}

void PrintSummary(const StudyResult& result) {
  PrintTable(result);
  if (!result.empty_reason.empty()) std::printf("empty: %s\n", result.empty_reason.c_str());
  const std::string no_interval = WhyNoInterval(result);
  if (!no_interval.empty()) std::printf("no intervals: %s\n", no_interval.c_str());
  for (const std::string& warning : result.warnings) std::printf("warning: %s\n", CleanLine(warning).c_str());
  if (result.is_preliminary) std::printf("PRELIMINARY: a proposed click was used\n");
  if (result.is_out_of_domain) std::printf("OUT OF DOMAIN: the weights were not trained for such a study\n");
  std::printf("mode %s (%s)\n", result.mode.c_str(), result.mode_reason.c_str());
  double seconds = 0;
  for (const StageTiming& timing : result.timings) seconds += timing.seconds;
  std::printf("weights %s, device %s, %.1f s, peak memory %.2f GiB\n", result.weights_name.c_str(),
              result.device.c_str(), seconds, result.peak_memory_gib);
}

void Run(Options options) {
  const ChosenDevice device = ChooseDevice(options.device);
  if (options.threads > 0) SetNetworkThreads(options.threads);
  options.segment.mode = ModeFrom(options.mode);
  ApplyGuide(options.guide, options.segment);
  const std::filesystem::path out = options.out;
  if (!out.has_filename()) throw std::runtime_error("--out: '" + options.out + "' names no folder");
  if (std::filesystem::exists(out)) throw std::runtime_error("--out: " + options.out + " exists already");
  RefuseInsideStudy("--out", out, options.study);
  const StudyArgument argument = OpenStudy(options.study, options.series, options.prompts, options.config);
  const PairedPrompts prompts = PromptsFor(argument, options.prompts);
  LoadedModel model = LoadModel(FindWeights(options.weights), device.name);
  const StudyRequest request{argument.root, argument.study, prompts, argument.read, options.segment};
  StudyResult result;
  {
    ConsoleProgress console;
    result = SegmentStudy(request, model, [&](const std::string& stage, double share) {
      console.Show(stage, share);
      return true;
    });
  }
  const DicomOutputOptions objects = ObjectsFrom(options.objects);
  const std::optional<DicomOutput> dicom = DicomOutputOf(argument.root, argument.read.limits, objects, result);
  Publish(result, dicom ? &*dicom : nullptr, KeyOf(result, argument.read, options.segment, objects), out);
  PrintSummary(result);
  std::printf("result: %s\n", options.out.c_str());
}

}  // namespace

void AddSegmentCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("segment", "segment one study from its clicks and write masks and reports");
  const auto options = std::make_shared<Options>();
  command->add_option("STUDY", options->study, "folder of one study, or an image file")->required()->check(IsPath);
  command->add_option("--out", options->out, "folder for the result; it must not exist")->required()->check(IsPath);
  command->add_option("--prompts", options->prompts, "clicks (default: the sidecar beside the image)")->check(IsPath);
  command->add_option("--series", options->series, "SeriesInstanceUID, where the study holds several images");
  command->add_option("--config", options->config, "dinsd.toml: its [read] and [[series]] hold (default: none)")
      ->check(IsPath);
  command->add_option("--weights", options->weights, "weights file (default: the shipped one)")->check(IsPath);
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->add_option("--threads", options->threads, "threads of the network; 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  command->add_option("--mode", options->mode, "auto, whole or boxes")->capture_default_str();
  command->add_option("--threshold", options->segment.threshold, "of the probability of tumour")->capture_default_str();
  command->add_flag("--flips", options->segment.average_flips, "average over eight flips: eight times the time");
  command->add_option("--max-memory", options->segment.max_memory_gib, "GiB that the run may take; 0 = no limit")
      ->capture_default_str();
  command
      ->add_option("--measurable-slices", options->segment.measurable_slices,
                   "a lesion that spans fewer is flagged below_measurable")
      ->capture_default_str();
  const CLI::Option* const runs =
      command
          ->add_option("--interval-runs", options->segment.interval.runs,
                       "how often the study is run again to see how sure its volumes are: 0, or 3 to 100; without this "
                       "option only where the weights are calibrated for it, with it in any case, for the spread")
          ->check(IsRunCount)
          ->capture_default_str();
  command->add_option("--interval-seed", options->segment.interval.seed, "of what is drawn for these runs")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("--refuse-out-of-domain", options->segment.refuse_out_of_domain,
                    "refuse a study that the weights were not trained for, instead of flagging it");
  command
      ->add_option("--objects", options->objects,
                   "DICOM objects beside the other files, of a DICOM study: seg, sr, rtstruct, sc (comma-separated) or "
                   "none")
      ->delimiter(',')
      ->check(CLI::IsMember({"seg", "sr", "rtstruct", "sc", "none"}))
      ->capture_default_str();
  AddGuideOptions(*command, options->guide);
  command->callback([options, runs] {
    options->segment.interval.even_uncalibrated = runs->count() > 0;
    Run(*options);
  });
}

}  // namespace dinsd
