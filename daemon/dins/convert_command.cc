#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/convert.h"
#include "daemon/dins/output_argument.h"
#include "daemon/dins/share_check.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/dicom_prescan.h"
#include "pipeline/read/dicom_rtstruct.h"
#include "pipeline/read/dicom_seg.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/lattice.h"
#include "pipeline/read/study.h"
#include "pipeline/read/word_pattern.h"
#include "pipeline/write/nifti_writer.h"
#include "pipeline/write/synced_file.h"

namespace dinsd {
namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string series;
  std::string series_uid;
  std::string volume;
  std::string out;
  ConvertOptions convert;
};

// A folder of its own beside the output, removed at the end: a file gets its name once it is whole and was read back.
class Staging {
 public:
  explicit Staging(const std::filesystem::path& out) : parent_(out.parent_path().empty() ? "." : out.parent_path()) {
    std::string name = (parent_ / ".dins-convert-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("--out: " + out.string() + ": " + std::generic_category().message(errno));
    path_ = name;
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  ~Staging() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  void Publish(const std::string& file) const {
    std::filesystem::rename(path_ / file, parent_ / file);
    SyncNamesIn(parent_);
  }

 private:
  std::filesystem::path parent_, path_;
};

// Masks may lie on series that are too thin or too few for the network.
StudyReadOptions ReadOptions(const Options& asked) {
  StudyReadOptions options;
  options.wanted_series_uid = asked.series_uid;
  if (!asked.volume.empty()) {
    SeriesRule rule;
    rule.name = "--volume";
    rule.volume = asked.volume;
    options.dicom.series_rules = {rule};
  }
  options.dicom.min_slices = 2;
  options.dicom.min_slice_spacing_mm = 0.05;
  options.dicom.max_slice_spacing_mm = 200;
  options.dicom.join_stations = false;  // a mask lies on one series
  return options;
}

SourceSeries OpenSeries(const Options& options) {
  std::error_code error;
  const std::filesystem::path root = std::filesystem::canonical(options.series, error);
  if (error) throw std::runtime_error("--series: '" + options.series + "': " + error.message());
  if (!std::filesystem::is_directory(root)) throw std::runtime_error("--series: '" + options.series + "' is no folder");
  const InspectedStudy study = InspectStudy(root, root.filename().string(), ListStudyFiles(root), ReadOptions(options));
  return ReadSourceSeries(root, ChosenImage(study));
}

// An image file by its name's ending; of DICOM its class tells what it is.
NamedMask ReadInput(const std::filesystem::path& path, const SourceSeries& series, const ConvertOptions& options) {
  const std::string file = path.filename().string();
  if (ImageFormatOf(file)) {
    std::optional<LabelMap> moved = OnSameVoxels(ReadLabelFile(path), series.grid);
    if (!moved)
      throw InputError("GRID_MISMATCH", file, "", "its voxels are not those of the series, whatever their order");
    return {*std::move(moved), {}};
  }
  const std::vector<std::byte> bytes =
      ReadFileBytes(path.parent_path().empty() ? "." : path.parent_path(), file, ReadLimits{}.max_file_bytes);
  const bool is_rtstruct = IsRtStructClass(PrescanDicom(bytes, file).sop_class_uid);
  return is_rtstruct ? MaskOfRtStruct(bytes, file, series, options) : MaskOfSeg(bytes, file, series, options);
}

std::string FileOf(const std::string& input) {
  return std::filesystem::path(input).filename().string();
}

NamedMask ReadInputs(const Options& options, const SourceSeries& series) {
  NamedMask mask = ReadInput(options.inputs.front(), series, options.convert);
  for (std::size_t n = 1; n < options.inputs.size(); ++n) {
    const NamedMask more = ReadInput(options.inputs[n], series, options.convert);
    AddLabels(more.map, FileOf(options.inputs[n]), mask.map);
    mask.names.insert(more.names.begin(), more.names.end());
  }
  return mask;
}

std::vector<std::string> WriteMask(const NamedMask& mask, const std::filesystem::path& folder,
                                   const std::string& file) {
  WriteNifti(folder / file, mask.map);
  SyncFile(folder / file);
  if (ReadLabelFile(folder / file).labels != mask.map.labels)
    throw std::runtime_error(file + " does not read back as it was written");
  const auto voxels =
      mask.map.labels.size() - static_cast<std::size_t>(std::count(mask.map.labels.begin(), mask.map.labels.end(), 0));
  std::printf("%s: %zu voxels have a label\n", file.c_str(), voxels);
  for (const auto& [label, name] : mask.names) std::printf("%5u  %s\n", static_cast<unsigned>(label), name.c_str());
  return {file};
}

// When the mask was made, as far as anybody can tell: the same file gives the same object at any time.
std::string CreatedBy(const std::string& input) {
  const auto time = std::chrono::file_clock::to_sys(std::filesystem::last_write_time(input));
  return FormatDateTime(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

void Run(Options options) {
  const std::filesystem::path out = options.out;
  const bool is_mask = out.filename().string().ends_with(".nii") || out.filename().string().ends_with(".nii.gz");
  CheckOutputFile("--out", out, {".nii.gz", ".nii", ".dcm"});
  RefuseInsideStudy("--out", out, options.series);
  const SourceSeries series = OpenSeries(options);
  if (options.convert.created.empty()) options.convert.created = CreatedBy(options.inputs.front());
  const NamedMask mask = ReadInputs(options, series);
  const Staging staging(out);
  std::vector<std::string> files;
  if (is_mask) {
    files = WriteMask(mask, staging.path(), out.filename().string());
  } else {
    const auto write = options.convert.as_rtstruct ? WriteRtStructOf : WriteSegOf;
    files = write(mask, series, options.convert, staging.path(), out.stem().string());
  }
  if (files.empty())
    throw InputError("EMPTY_MASK", FileOf(options.inputs.front()), "", "has no label: nothing to write");
  for (const std::string& file : files) staging.Publish(file);
}

std::string IsPattern(const std::string& text) {
  return IsWordPattern(text) ? "" : "'" + text + "' is no POSIX extended regular expression";
}

std::string IsDateTime(const std::string& text) {
  return ParseDateTime(text) ? "" : "'" + text + "' is no date-time such as 2026-11-01T09:30:00Z";
}

}  // namespace

std::string NameOfLabel(const NamedMask& mask, std::uint16_t label) {
  const auto found = mask.names.find(label);
  return found != mask.names.end() ? found->second : "Lesion " + std::to_string(label);
}

std::string KeyOf(const NamedMask& mask, const ConvertOptions& options) {
  std::string text = "dins convert " DINSD_VERSION "\n" + options.created + "\n" + options.algorithm_type + "\n" +
                     options.algorithm + "\n" + Sha256Hex(std::as_bytes(std::span(mask.map.labels)));
  for (const auto& [label, name] : mask.names) text += "\n" + std::to_string(label) + " " + name;
  return Sha256Hex(std::as_bytes(std::span(text)));
}

void AddConvertCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("convert", "turn a mask into a DICOM object of its series, and back");
  const auto options = std::make_shared<Options>();
  command
      ->add_option(
          "INPUT", options->inputs,
          "label map (.nii, .nii.gz, .nrrd, .mha), DICOM SEG or RT Structure Set; several are brought together")
      ->required()
      ->check(IsPath);
  command->add_option("--series", options->series, "folder of the DICOM series that the mask lies on")
      ->required()
      ->check(IsPath);
  command->add_option("--series-uid", options->series_uid, "which series, where the folder holds several");
  command
      ->add_option("--volume", options->volume,
                   "which volume of it, where it holds several, as `dins explain` writes it: a POSIX extended "
                   "regular expression")
      ->check(IsPattern);
  command->add_option("--out", options->out, "new file: .dcm for a DICOM object, .nii.gz or .nii for a mask")
      ->required()
      ->check(IsPath);
  command->add_flag("--rtstruct", options->convert.as_rtstruct, "write a .dcm as RT Structure Set, not as DICOM SEG");
  command->add_option("--region", options->convert.regions,
                      "take only this region of an RT Structure Set, by its name; may be repeated");
  command->add_option("--segment", options->convert.only_segment, "take only this segment of a SEG")
      ->check(CLI::Range(1, 65535));
  command
      ->add_option("--threshold", options->convert.threshold,
                   "share from which on a voxel of a fractional SEG counts, above 0")
      ->check(IsShare)
      ->capture_default_str();
  command->add_option("--algorithm-type", options->convert.algorithm_type, "how the mask was made")
      ->check(CLI::IsMember({"manual", "semiautomatic", "automatic"}))
      ->capture_default_str();
  command->add_option("--algorithm", options->convert.algorithm, "by what program")->capture_default_str();
  command
      ->add_option("--created", options->convert.created,
                   "when the mask was made (RFC 3339); otherwise the time of the input file")
      ->check(IsDateTime);
  command->callback([options] { Run(*options); });
}

}  // namespace dinsd
