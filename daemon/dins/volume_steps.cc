#include "daemon/dins/volume_steps.h"

#include <cstdio>
#include <span>
#include <stdexcept>
#include <utility>

#include "daemon/dins/dataset.h"
#include "daemon/dins/study_argument.h"
#include "daemon/evaluate/evaluate_folders.h"
#include "daemon/evaluate/file_text.h"
#include "daemon/experiment/run_experiment.h"
#include "daemon/picture/svg_png.h"
#include "daemon/publish/durable_files.h"
#include "daemon/weights/find_weights.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/label_file.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/segment_study.h"
#include "pipeline/write/nifti_writer.h"

namespace dinsd {
namespace {

// Everything that the masks depend on, this program too, as the name of their folder.
std::string FolderName(const VolumeExperiment& experiment, const VolumeFolders& folders,
                       const std::string& weights_sha256) {
  constexpr std::size_t kDigits = 12;
  const ReaderOptions& reader = experiment.reader;
  std::string text = FileSha256("/proc/self/exe") + "\n" + weights_sha256 + "\n" + std::to_string(reader.seed) + " " +
                     ExactDigits(reader.jitter_mm) + " " + ExactDigits(reader.bias_mm) + " " +
                     ExactDigits(reader.missed_end_slices) + "\n";
  for (const std::string& name : experiment.cases) {
    const std::filesystem::path phantom = folders.data / experiment.set / name;
    text.append(name).append(" ").append(FileSha256(phantom / "truth" / "truth.nii.gz")).append("\n");
    for (const std::string& file : ListStudyFiles(phantom / "study"))
      text.append(FileSha256(phantom / "study" / file)).append("\n");
  }
  return experiment.set + "-" + Sha256Hex(std::as_bytes(std::span(text))).substr(0, kDigits);
}

// The file appears whole or not at all.
void WriteMask(const std::filesystem::path& file, const LabelMap& mask) {
  const std::filesystem::path part = file.parent_path() / (".part-" + file.filename().string());
  WriteNifti(part, mask);
  std::filesystem::rename(part, file);
}

class Masks {
 public:
  Masks(const VolumeExperiment& experiment, const VolumeFolders& folders, const std::string& device)
      : experiment_(experiment),
        set_(folders.data / experiment.set),
        weights_(FindWeights("")),
        folder_(folders.work / "volumes" / FolderName(experiment, folders, FileSha256(weights_))),
        model_(LoadModel(weights_, device)) {
    for (const char* part : {"truth", "reader", "dins"}) std::filesystem::create_directories(folder_ / part);
  }

  [[nodiscard]] std::filesystem::path Of(const std::string& whose) const { return folder_ / whose; }

  void Make(std::size_t which) {
    const std::string& name = experiment_.cases[which];
    const std::string file = name + ".nii.gz";
    if (!std::filesystem::exists(Of("truth") / file) || !std::filesystem::exists(Of("reader") / file)) {
      const LabelMap truth = ReadLabelFile(PathsOf(set_, name).mask);
      ReaderOptions reader = experiment_.reader;
      reader.seed += which;
      WriteMask(Of("reader") / file, SimulateReader(truth, reader));
      WriteMask(Of("truth") / file, truth);
    }
    if (!std::filesystem::exists(Of("dins") / file)) WriteMask(Of("dins") / file, Segment(name));
  }

 private:
  [[nodiscard]] LabelMap Segment(const std::string& name) {
    const StudyArgument argument = OpenStudy(set_ / name / "study", "", "");
    const PairedPrompts prompts = PromptsFor(argument, "");
    return SegmentStudy({argument.root, argument.study, prompts, argument.read, {}}, model_,
                        [](const std::string&, double) { return true; })
        .mask;
  }

  const VolumeExperiment& experiment_;
  std::filesystem::path set_;
  std::filesystem::path weights_;
  std::filesystem::path folder_;
  LoadedModel model_;
};

Evaluation Compare(const Masks& masks, const std::string& prediction, const std::string& truth,
                   const BootstrapOptions& bootstrap) {
  EvaluateOptions options;
  options.bootstrap = bootstrap;
  Evaluation evaluation = EvaluateFolders(
      {masks.Of(prediction), masks.Of(truth), masks.Of("rows-" + prediction + "-" + truth)}, options, 1);
  for (const CaseRow& row : evaluation.rows) {
    if (!row.IsOk()) throw std::runtime_error(row.name + " cannot be compared: " + row.error_code + ": " + row.error);
  }
  return evaluation;
}

void WriteComparison(const VolumeComparison& comparison, const std::filesystem::path& out) {
  constexpr int kPictureWidth = 1200;
  const std::filesystem::path folder = out / comparison.name;
  std::filesystem::create_directories(folder);
  RewriteFile(folder / "cases.csv", EvaluationCsv(comparison.evaluation));
  RewriteFile(folder / "evaluation.json", EvaluationJson(comparison.evaluation));
  RewriteFile(folder / "evaluation.html", EvaluationHtml(comparison.evaluation));
  const std::string picture = BlandAltmanSvg(comparison.evaluation);
  RewriteFile(folder / "bland_altman.svg", picture);
  RewriteFile(folder / "bland_altman.png", PngOfSvg(picture, kPictureWidth));
}

}  // namespace

std::string RunVolumeExperiment(const VolumeExperiment& experiment, const VolumeFolders& folders,
                                const std::string& device, const std::function<bool()>& is_stopped) {
  Masks masks(experiment, folders, device);
  ConsoleProgress progress;
  for (std::size_t which = 0; which < experiment.cases.size(); ++which) {
    if (is_stopped()) throw ExperimentStopped();
    progress.Show(CleanLine(experiment.cases[which]),
                  static_cast<double>(which) / static_cast<double>(experiment.cases.size()));
    masks.Make(which);
  }
  std::vector<VolumeComparison> comparisons;
  for (const auto& [name, label, prediction, truth] :
       {std::tuple("dins-reader", "DINs against the simulated reader", "dins", "reader"),
        std::tuple("dins-truth", "DINs against the truth", "dins", "truth"),
        std::tuple("reader-truth", "simulated reader against the truth", "reader", "truth")}) {
    comparisons.push_back({name, label, Compare(masks, prediction, truth, experiment.bootstrap)});
    WriteComparison(comparisons.back(), folders.out);
  }
  std::string table = VolumeTableMarkdown(experiment, comparisons);
  RewriteFile(folders.out / "table.md", table);
  return table;
}

}  // namespace dinsd
