#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/output_argument.h"
#include "daemon/dins/study_argument.h"
#include "pipeline/followup/prior_check.h"
#include "pipeline/followup/registration_file.h"
#include "pipeline/followup/registration_json.h"
#include "pipeline/followup/registration_picture.h"
#include "pipeline/read/label_file.h"
#include "pipeline/write/nifti_writer.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

struct Options {
  std::string prior;
  std::string today;
  std::string prior_series;
  std::string today_series;
  std::string mask;
  std::string out;
  std::string cache;
  std::string config;
  bool has_no_mirror = false;
  bool has_no_round_trip = false;
  RegistrationOptions registration;
};

// All that comes of one run.
struct Outcome {
  StudyRegistration registration;
  std::string key;
  bool is_from_cache = false;
  std::optional<LabelMap> mask;  // of the prior study
  std::optional<WarpedLabels> warped;
  std::optional<PriorCheck> check;
};

StudyVolumes ReadStudy(const std::string& study, const std::string& series, const std::string& config) {
  const StudyArgument argument = OpenStudy(study, series, "", config);
  return ReadStudyVolumes(argument.root, ChosenImage(argument.study), argument.read);
}

// A part of the whole of a command's progress.
OnRegistrationProgress Between(ConsoleProgress& console, const std::string& what, double from, double to) {
  return [&console, what, from, to](const std::string& stage, double share) {
    console.Show(what + stage, from + share * (to - from));
    return true;
  };
}

void Register(const Options& options, const StudyVolumes& prior, const StudyVolumes& today, double end,
              ConsoleProgress& console, Outcome& outcome) {
  outcome.key = RegistrationKey(prior, today, options.registration);
  if (!options.cache.empty()) {
    if (std::optional<StudyRegistration> found = FindRegistration(options.cache, outcome.key)) {
      outcome.registration = *std::move(found);
      outcome.is_from_cache = true;
      return;
    }
  }
  outcome.registration = RegisterStudies(prior, today, options.registration, Between(console, "", 0.02, end));
  if (options.cache.empty()) return;
  std::filesystem::create_directories(options.cache);
  WriteRegistration(std::filesystem::path(options.cache) / (outcome.key + ".json"), outcome.registration, outcome.key);
}

Outcome Work(const Options& options, const StudyVolumes& prior, const StudyVolumes& today) {
  Outcome outcome;
  PriorCheckOptions check;
  check.check_mirror = !options.has_no_mirror;
  if (!options.mask.empty()) {
    outcome.mask = ReadLabelFile(options.mask);
    outcome.check = CheckPriorMask(prior.whole, *outcome.mask, check);
    if (outcome.check->verdict == PriorVerdict::kRefused)
      throw std::runtime_error("--mask: " + outcome.check->findings.front().sentence);
  }
  ConsoleProgress console;
  const bool has_mirror = outcome.mask && check.check_mirror;
  const double end = !has_mirror ? 0.95 : options.registration.check_round_trip ? 0.65 : 0.5;
  Register(options, prior, today, end, console, outcome);
  if (!outcome.mask) return outcome;
  outcome.warped = WarpLabels(*outcome.mask, today.whole.grid, outcome.registration);
  outcome.check = CheckPrior(prior, today, *outcome.mask, outcome.registration, *outcome.warped, options.registration,
                             check, Between(console, "mirrored: ", end, 0.95));
  return outcome;
}

void WriteImage(const std::filesystem::path& path, const auto& image) {
  WriteNifti(path, image);
  SyncFile(path);
}

void WriteOutputs(const std::filesystem::path& folder, const Options& options, const StudyVolumes& prior,
                  const StudyVolumes& today, const Outcome& outcome) {
  const Volume warped = WarpImage(prior.whole, today.whole.grid, outcome.registration);
  WriteImage(folder / "prior_image.nii.gz", warped);
  if (outcome.warped) WriteImage(folder / "prior_mask.nii.gz", outcome.warped->map);
  WriteRegistration(folder / "transform.json", outcome.registration, outcome.key);
  WriteSynced(folder / "registration.json", RegistrationReport({outcome.registration, options.registration, outcome.key,
                                                                outcome.warped ? &*outcome.warped : nullptr,
                                                                outcome.check ? &*outcome.check : nullptr}));
  const Volume before = ResampleImage(prior.whole, today.whole.grid);
  const LabelMap mask = outcome.warped ? outcome.warped->map : LabelMap{today.whole.grid, {}};
  WriteSynced(folder / "registration.png", EncodePng(DrawRegistration(today.whole, before, warped, mask)));
  SyncNamesIn(folder);
}

void Publish(const Options& options, const StudyVolumes& prior, const StudyVolumes& today, const Outcome& outcome) {
  const std::filesystem::path out = options.out, parent = std::filesystem::absolute(out).parent_path();
  std::filesystem::create_directories(parent);
  const std::filesystem::path staging =
      parent / ("." + out.filename().string() + ".staging-" + std::to_string(::getpid()));
  std::filesystem::create_directory(staging);
  try {
    WriteOutputs(staging, options, prior, today, outcome);
    RenameFolderOnce(staging, parent / out.filename());
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove_all(staging, ignored);
    throw;
  }
}

std::string Joined(const std::vector<std::string>& flags) {
  std::string text;
  for (const std::string& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return text;
}

void Print(const Outcome& outcome) {
  for (std::size_t s = 0; s < outcome.registration.parts.size(); ++s) {
    const Registration& part = outcome.registration.parts[s];
    if (outcome.registration.parts.size() > 1) std::printf("station %zu\n", s + 1);
    std::printf("%-11s %11s %19s\n", "stage", "correlation", "information (nats)");
    for (const StageSimilarity& stage : part.stages)
      std::printf("%-11s %11.3f %19.3f\n", stage.stage.c_str(), stage.similarity.correlation,
                  stage.similarity.mutual_information);
    std::printf("affine determinant %.3f, Jacobian %.2f to %.2f  %s\n", part.affine_determinant, part.least_jacobian,
                part.most_jacobian, Joined(part.flags).c_str());
  }
  if (outcome.warped) {
    for (const WarpedLesion& lesion : outcome.warped->lesions) {
      if (lesion.flags.empty()) continue;
      std::printf("lesion %u: %s\n", static_cast<unsigned>(lesion.label), Joined(lesion.flags).c_str());
    }
  }
  if (!outcome.check) return;
  for (const PriorFinding& finding : outcome.check->findings)
    std::printf("%s: %s: %s\n", NameOf(finding.verdict), finding.name.c_str(), finding.sentence.c_str());
  std::printf("the prior is %s\n", NameOf(outcome.check->verdict));
}

void Run(Options options) {
  const std::filesystem::path out = options.out;
  if (!out.has_filename()) throw std::runtime_error("--out: '" + options.out + "' names no folder");
  if (std::filesystem::exists(out)) throw std::runtime_error("--out: " + options.out + " exists already");
  for (const std::string& study : {options.prior, options.today}) {
    RefuseInsideStudy("--out", out, study);
    if (!options.cache.empty()) RefuseInsideStudy("--cache", options.cache, study);
  }
  options.registration.check_round_trip = !options.has_no_round_trip;
  const StudyVolumes prior = ReadStudy(options.prior, options.prior_series, options.config);
  const StudyVolumes today = ReadStudy(options.today, options.today_series, options.config);
  const Outcome outcome = Work(options, prior, today);
  Publish(options, prior, today, outcome);
  Print(outcome);
  std::printf("%s: %s\n", outcome.is_from_cache ? "registration found again, result" : "result", options.out.c_str());
}

}  // namespace

void AddRegisterCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "register", "bring a prior study, and its mask, onto the study of today; says how far to trust it");
  const auto options = std::make_shared<Options>();
  command->add_option("PRIOR", options->prior, "folder of the prior study, or an image file")
      ->required()
      ->check(IsPath);
  command->add_option("TODAY", options->today, "folder of today's study, or an image file")->required()->check(IsPath);
  command->add_option("--out", options->out, "folder for the result; it must not exist")->required()->check(IsPath);
  command->add_option("--mask", options->mask, "label map on the prior image's grid")->check(IsPath);
  command->add_option("--prior-series", options->prior_series, "SeriesInstanceUID, where PRIOR holds several images");
  command->add_option("--series", options->today_series, "the same of TODAY");
  command->add_option("--config", options->config, "dinsd.toml: its [read] and [[series]] hold (default: none)")
      ->check(IsPath);
  command->add_option("--cache", options->cache, "folder of registrations: one that was made before is taken from it")
      ->check(IsPath);
  command->add_option("--time-limit", options->registration.time_limit_seconds, "seconds for each station; 0 = none")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  command->add_flag("--no-round-trip", options->has_no_round_trip, "not the other way round too: half the time");
  command->add_flag("--no-mirror", options->has_no_mirror, "do not try whether the mirrored prior fits better");
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
