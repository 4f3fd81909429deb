#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "config/load_settings.h"
#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/explain_mask.h"
#include "daemon/dins/explain_prior.h"
#include "daemon/dins/guide_argument.h"
#include "daemon/dins/study_argument.h"
#include "daemon/weights/find_weights.h"
#include "model/device.h"
#include "model/weights_file.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/prompt/side_check.h"
#include "pipeline/read/station_image.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/segment/domain_check.h"
#include "pipeline/segment/intensity_check.h"
#include "pipeline/segment/station_study.h"

namespace dinsd {
namespace {

struct Options {
  std::string study;
  std::string prompts;
  std::string series;
  std::string config;
  std::string results;
  std::string weights;
  std::string device = "auto";
  std::string mode = "auto";
  double max_memory_gib = 0;
  GuideArgument guide;
};

const char* WordOf(ClickStatus status) {
  switch (status) {
    case ClickStatus::kProposed:
      return "proposed";
    case ClickStatus::kRejected:
      return "rejected";
    default:
      return "verified";
  }
}

void ExplainIdentity(const InspectedStudy& study) {
  std::printf("study %s%s\n", CleanLine(study.name).c_str(), study.has_manifest ? ", with a study.json" : "");
  const bool has_history = !study.identity.patient.empty() && !study.identity.study_date.empty();
  std::printf("  patient pseudonym: %s; study date: %s%s\n", study.identity.patient.empty() ? "unknown" : "present",
              study.identity.study_date.empty() ? "unknown" : CleanLine(study.identity.study_date).c_str(),
              has_history ? "" : "; without both the study has no history");
}

std::string GridInWords(const StudyImage& image) {
  if (image.error) return "no volume";
  const GridGeometry& g = image.grid;
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "%lldx%lldx%lld at %.2fx%.2fx%.2f mm", static_cast<long long>(g.size[0]),
                static_cast<long long>(g.size[1]), static_cast<long long>(g.size[2]), g.spacing[0], g.spacing[1],
                g.spacing[2]);
  return text.data();
}

std::string NameOf(const StudyImage& image) {
  if (!image.stations.empty()) return std::to_string(image.stations.size()) + " stations";
  const bool has_uid = !image.series_uid.empty() || image.files.empty();
  return CleanLine(has_uid ? image.series_uid : image.files.front());
}

void ExplainImage(const StudyImage& image, const char* state) {
  std::printf("%s %s: %s, sequence %s, %zu file%s\n", state, NameOf(image).c_str(), GridInWords(image).c_str(),
              image.sequence.empty() ? "unknown" : CleanLine(image.sequence).c_str(), image.files.size(),
              image.files.size() == 1 ? "" : "s");
  std::printf("  %s\n", CleanLine(image.reason).c_str());
  if (!image.part.empty()) std::printf("  volume \"%s\" of its series\n", CleanLine(image.part).c_str());
  if (image.error) std::printf("  %s\n", CleanLine(image.error->what()).c_str());
  for (const std::string& note : image.notes) std::printf("  note: %s\n", CleanLine(note).c_str());
}

void ExplainImages(const InspectedStudy& study) {
  for (const StudyImage& image : study.images) {
    ExplainImage(image, image.is_chosen ? "TAKEN    " : "not taken");
    for (const StudyImage& station : image.stations) ExplainImage(station, "  station");
  }
  for (const std::string& file : study.other_files) std::printf("not used: %s\n", CleanLine(file).c_str());
}

// Where clicks land and how bright it is there, against all voxels above zero.
class ClickPrinter {
 public:
  explicit ClickPrinter(const Volume& volume) : volume_(volume) {
    for (const float v : volume.voxels) {
      if (v > 0) positive_.push_back(v);
    }
    std::sort(positive_.begin(), positive_.end());
  }

  void Print(const ResolvedClick& click) const {
    const auto& v = click.ijk;
    const auto lps =
        LpsFromIndex(volume_.grid, {static_cast<double>(v[0]), static_cast<double>(v[1]), static_cast<double>(v[2])});
    const float here = volume_.voxels[Offset(volume_.grid.SizeZyx(), {v[2], v[1], v[0]})];
    std::printf(
        "    %s voxel (%lld, %lld, %lld), LPS (%.1f, %.1f, %.1f) mm, moved %.2f mm, intensity %g = percentile "
        "%.1f, %s\n",
        click.sign == Polarity::kPositive ? "+" : "-", static_cast<long long>(v[0]), static_cast<long long>(v[1]),
        static_cast<long long>(v[2]), lps[0], lps[1], lps[2], click.moved_mm, static_cast<double>(here),
        Percentile(here), WordOf(click.status));
  }

 private:
  [[nodiscard]] double Percentile(float value) const {
    if (positive_.empty()) return 0;
    const auto below = std::lower_bound(positive_.begin(), positive_.end(), value) - positive_.begin();
    return 100 * static_cast<double>(below) / static_cast<double>(positive_.size());
  }

  const Volume& volume_;
  std::vector<float> positive_;
};

void ExplainClicks(const ResolvedPrompts& prompts, const PairedPrompts& paired, const Volume& volume) {
  std::printf("clicks: %s (source %s, %zu lesions)\n", CleanLine(paired.file).c_str(),
              CleanLine(paired.prompts.provenance.source).c_str(), prompts.lesions.size());
  if (AnsweredProposal(paired.prompts.provenance)) {
    const PromptProvenance& by = paired.prompts.provenance;
    std::printf("  a review by %s on %s: it counts where it answers what the daemon proposes now\n",
                CleanLine(by.operator_pseudonym).c_str(), CleanLine(by.created).c_str());
  }
  for (const std::string& other : paired.others) std::printf("  other sidecar: %s\n", CleanLine(other).c_str());
  const ClickPrinter printer(volume);
  for (std::size_t k = 0; k < prompts.lesions.size(); ++k) {
    const ResolvedLesion& lesion = prompts.lesions[k];
    std::printf("  label %zu: lesion %s%s\n", k + 1, CleanLine(lesion.id).c_str(), lesion.box ? ", with a box" : "");
    for (const ResolvedClick& click : lesion.clicks) printer.Print(click);
    for (const std::string& flag : lesion.flags) std::printf("    flag: %s\n", CleanLine(flag).c_str());
  }
  if (!prompts.background.empty()) std::printf("  background\n");
  for (const ResolvedClick& click : prompts.background) printer.Print(click);
  for (const std::string& warning : prompts.warnings) std::printf("  warning: %s\n", CleanLine(warning).c_str());
  if (prompts.is_preliminary) std::printf("  a click is only proposed: the result would be PRELIMINARY\n");
}

void ExplainModel(const std::string& weights, const ModelManifest& manifest, const std::string& sha256,
                  const StudyImage& image) {
  std::printf("weights: %s, width %d, sha256 %s\n", weights.c_str(), manifest.width, sha256.c_str());
  const auto reasons = OutOfDomain(image.sequence, ChooseAxes(image.grid, AxisRule::kSliceAxis), manifest);
  for (const std::string& reason : reasons) std::printf("  out of domain: %s\n", CleanLine(reason).c_str());
  if (reasons.empty()) std::printf("  the study lies inside what they were trained for\n");
}

void ExplainGuide(const ModelManifest& manifest, const std::optional<GuideSpread>& asked) {
  const GuideRule rule = GuideRuleOf(manifest);
  if (rule.IsDistance()) {
    std::printf("guide: %s, distances times %g\n", manifest.guide.c_str(), rule.scale);
    return;
  }
  const GuideSpread& s = asked ? *asked : rule.spread;
  std::printf("guide: %s, sigma %g, %g, %g (z, y, x) in %s, %s\n", manifest.guide.c_str(), s.sigma.z, s.sigma.y,
              s.sigma.x, SigmaUnitWord(s.unit).c_str(),
              asked ? "asked for" : "the weights' own, where the prompts bring none");
}

void ExplainPlan(const StudyPlan& plan) {
  std::printf("mode: %s: %s\n", plan.mode.c_str(), plan.reason.c_str());
  if (!plan.has_passes) return;
  std::printf("  %d pass%s, the largest over %lld voxels of the network grid\n", plan.passes,
              plan.passes == 1 ? "" : "es", static_cast<long long>(plan.largest_pass));
  std::printf("  estimated: memory %.1f GiB, about %.0f s on two CPU cores%s, without re-runs\n", plan.cost.memory_gib,
              plan.cost.cpu_seconds, plan.uses_boxes ? ", more where windows have to grow" : "");
}

void ExplainPlans(const std::vector<StudyOnArray>& stations) {
  for (std::size_t s = 0; s < stations.size(); ++s) {
    if (stations.size() > 1) std::printf("station %zu: ", s + 1);
    ExplainPlan(stations[s].plan);
  }
}

void ExplainIntensities(const StudyVolumes& volumes, const StudyImage& image) {
  const std::vector<const StudyImage*> stations = StationsOf(image);
  for (std::size_t s = 0; s < stations.size(); ++s) {
    for (const std::string& warning : CheckIntensities(volumes.Of(s), stations[s]->files.front()))
      std::printf("warning: %s\n", CleanLine(warning).c_str());
  }
}

bool HasClicks(const Options& options, const StudyArgument& argument) {
  return !options.prompts.empty() || FindPrompts(argument.root, argument.study, argument.read.limits);
}

// What the daemon would do with a study without clicks, as far as results tell it; true ends the explanation.
bool ExplainPrior(const Options& options, const StudyArgument& argument, bool has_clicks) {
  if (options.results.empty()) {
    if (!has_clicks)
      std::printf("no clicks: whether the daemon would propose some from an earlier result, only --results tells\n");
    return false;
  }
  std::vector<WatchSettings> watches;
  if (!options.config.empty()) watches = LoadSettings(options.config).watches;
  const InspectedStudy& study = argument.study;
  const PriorChoice choice = PriorAmong(options.results, options.study, study.identity, study.has_manifest, watches);
  if (!choice.prior) {
    std::printf("no prior: %s\n", CleanLine(choice.why_none).c_str());
    return false;
  }
  std::printf("prior: job %lld, revision %lld, of %s\n", static_cast<long long>(choice.prior->job),
              static_cast<long long>(choice.prior->revision), choice.prior->facts.study_date.c_str());
  if (has_clicks) {
    std::printf("  the clicks that are there go before it\n");
    return false;
  }
  (void)ChosenImage(study);
  std::printf(
      "  the daemon would propose clicks inside its lesions, unless its queue, which is not looked into here, says\n"
      "  otherwise (a review that rejected them, a prior that is quarantined); `dins segment` would wait for clicks\n");
  return true;
}

// Whether the daemon would import a mask of others; true ends the explanation.
bool ExplainMask(const Options& options, const StudyArgument& argument, bool has_clicks) {
  if (argument.study.mask_files.empty()) return false;
  const ImportOptions import = options.config.empty() ? ImportOptions{} : LoadSettings(options.config).followup.import;
  return PrintMask(argument.root, argument.study, import, argument.read.limits, has_clicks);
}

void Explain(const Options& options) {
  const ChosenDevice device = ChooseDevice(options.device);
  const StudyArgument argument = OpenStudy(options.study, options.series, options.prompts, options.config);
  ExplainIdentity(argument.study);
  ExplainImages(argument.study);
  const bool has_clicks = HasClicks(options, argument);
  if (ExplainMask(options, argument, has_clicks) || ExplainPrior(options, argument, has_clicks)) return;
  const PairedPrompts prompts = PromptsFor(argument, options.prompts);
  const StudyImage& image = ChosenImage(argument.study);
  StationPrompts resolved = ResolveOnStations(prompts.prompts, image, argument.study.identity.study_uid, prompts.file);
  const StudyVolumes volumes = ReadStudyVolumes(argument.root, image, argument.read);
  FlagSideConflicts(volumes.whole, prompts.prompts, resolved.whole);
  ExplainClicks(resolved.whole, prompts, volumes.whole);
  RefuseRejection(prompts.prompts, prompts.file);
  ExplainIntensities(volumes, image);
  const std::filesystem::path weights = FindWeights(options.weights);
  const LoadedWeights loaded = LoadWeights(weights);
  SegmentOptions segment;
  ApplyGuide(options.guide, segment);
  CheckGuide(loaded.manifest, weights.string(), segment.guide, segment.sigma.has_value());
  ExplainModel(weights.string(), loaded.manifest, loaded.sha256, image);
  ExplainGuide(loaded.manifest, segment.sigma);
  std::printf("device: %s (%s)\n", device.name.c_str(), device.reason.c_str());
  segment.mode = ModeFrom(options.mode);
  segment.max_memory_gib = options.max_memory_gib;
  ExplainPlans(PutStationsOnArray(image, resolved, loaded.manifest, segment));
}

const char* WordOf(InputVerdict verdict) {
  switch (verdict) {
    case InputVerdict::kQuarantined:
      return "quarantined: a person must look";
    case InputVerdict::kNeedsPrompts:
      return "waiting for clicks";
    default:
      return "rejected";
  }
}

// A refusal is an answer too, with exit status 1 for scripts.
void Run(const Options& options) {
  try {
    Explain(options);
  } catch (const InputError& error) {
    std::printf("here it would end, %s\n  %s\n", WordOf(error.verdict()), CleanLine(error.what()).c_str());
    throw CLI::RuntimeError(1);
  }
}

}  // namespace

void AddExplainCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("explain", "say what `segment` would do with a study and why, without running");
  const auto options = std::make_shared<Options>();
  command->add_option("STUDY", options->study, "folder of one study, or an image file")->required()->check(IsPath);
  command->add_option("--prompts", options->prompts, "clicks (default: the sidecar beside the image)")->check(IsPath);
  command->add_option("--series", options->series, "SeriesInstanceUID, where the study holds several images");
  command
      ->add_option("--config", options->config,
                   "dinsd.toml: its [read], [[series]] and import_... of [followup] hold (default: none)")
      ->check(IsPath);
  command
      ->add_option("--results", options->results,
                   "the daemon's results_dir: which of them a study without clicks would be followed from")
      ->check(IsPath);
  command->add_option("--weights", options->weights, "weights file (default: the shipped one)")->check(IsPath);
  command->add_option("--device", options->device, "auto, cpu or cuda:N")->capture_default_str();
  command->add_option("--mode", options->mode, "auto, whole or boxes")->capture_default_str();
  command->add_option("--max-memory", options->max_memory_gib, "GiB that the run may take; 0 = no limit")
      ->capture_default_str();
  AddGuideOptions(*command, options->guide);
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
