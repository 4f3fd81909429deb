#include "daemon/dins/study_argument.h"

#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "config/load_settings.h"

namespace dinsd {
namespace {

struct Place {
  std::filesystem::path root;
  std::string name;
  std::vector<std::string> files;
};

std::filesystem::path Existing(const char* option, const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::path whole = std::filesystem::canonical(path, error);
  if (error) throw std::runtime_error(std::string(option) + ": '" + path.string() + "': " + error.message());
  return whole;
}

Place PlaceOf(const std::filesystem::path& study) {
  const std::filesystem::path whole = Existing("STUDY", study);
  if (std::filesystem::is_directory(whole)) return {whole, whole.filename().string(), ListStudyFiles(whole)};
  Place place{whole.parent_path(), whole.filename().string(), {whole.filename().string()}};
  for (const std::string& companion :
       {place.name + ".prompts.json", place.name + ".mask.nii.gz", std::string("study.json")}) {
    if (std::filesystem::is_regular_file(place.root / companion)) place.files.push_back(companion);
  }
  return place;
}

std::vector<std::string> Sidecars(const std::vector<std::string>& files) {
  std::vector<std::string> sidecars;
  for (const std::string& file : files) {
    if (IsPromptsFile(file)) sidecars.push_back(file);
  }
  return sidecars;
}

std::string WantedSeries(const Place& place, const std::string& series, const std::string& prompts_file,
                         const ReadLimits& limits) {
  if (!series.empty()) return series;
  if (prompts_file.empty()) return SeriesNamedByPrompts(place.root, Sidecars(place.files), limits);
  const std::filesystem::path file = Existing("--prompts", prompts_file);
  return SeriesNamedByPrompts(file.parent_path(), {file.filename().string()}, limits);
}

StudyReadOptions ReadOptionsOf(const std::string& config_file) {
  if (config_file.empty()) return {};
  const ReadSettings settings = LoadSettings(Existing("--config", config_file)).read;
  return {.limits = settings.limits, .dicom = settings.dicom};
}

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string Duration(double seconds) {
  std::array<char, 32> text{};
  const auto whole = std::lround(seconds);
  if (whole < 60) {
    std::snprintf(text.data(), text.size(), "%ld s", whole);
  } else {
    std::snprintf(text.data(), text.size(), "%ld min %02ld s", whole / 60, whole % 60);
  }
  return text.data();
}

}  // namespace

StudyArgument OpenStudy(const std::filesystem::path& study, const std::string& series, const std::string& prompts_file,
                        const std::string& config_file) {
  const Place place = PlaceOf(study);
  StudyReadOptions read = ReadOptionsOf(config_file);
  read.wanted_series_uid = WantedSeries(place, series, prompts_file, read.limits);
  return {place.root, InspectStudy(place.root, place.name, place.files, read), read};
}

PairedPrompts PromptsFor(const StudyArgument& argument, const std::string& prompts_file) {
  if (!prompts_file.empty()) {
    PairedPrompts named = ReadPromptsFile(prompts_file, argument.study, argument.read.limits);
    (void)ChosenImage(argument.study);
    return named;
  }
  std::optional<PairedPrompts> found = FindPrompts(argument.root, argument.study, argument.read.limits);
  if (found) return *std::move(found);
  (void)ChosenImage(argument.study);  // without an image the clicks are not what is missing
  throw InputError("PROMPTS_MISSING", argument.study.name, "",
                   "no clicks lie beside the images: name a file with --prompts", InputVerdict::kNeedsPrompts);
}

SegmentMode ModeFrom(const std::string& word) {
  if (word == "auto") return SegmentMode::kAuto;
  if (word == "whole") return SegmentMode::kWhole;
  if (word == "boxes") return SegmentMode::kBoxes;
  throw std::invalid_argument("--mode is auto, whole or boxes, not '" + word + "'");
}

ConsoleProgress::ConsoleProgress() : begin_(Seconds()), is_terminal_(isatty(STDERR_FILENO) == 1) {}

ConsoleProgress::~ConsoleProgress() {
  if (has_line_) std::fputs("\r\033[K", stderr);
}

void ConsoleProgress::Show(const std::string& stage, double share) {
  constexpr double kEarly = 0.06;  // nothing can be said of the time left before the network runs
  const double elapsed = Seconds() - begin_;
  std::array<char, 160> line{};
  std::snprintf(line.data(), line.size(), "%3.0f %%  %s", 100 * share, stage.c_str());
  const std::string left = share > kEarly ? ", about " + Duration(elapsed / share * (1 - share)) + " left" : "";
  if (is_terminal_) {
    std::fprintf(stderr, "\r\033[K%s%s", line.data(), left.c_str());
    has_line_ = true;
    return;
  }
  const int tenth = static_cast<int>(share * 10);
  if (tenth == last_tenth_) return;
  last_tenth_ = tenth;
  std::fprintf(stderr, "%s%s\n", line.data(), left.c_str());
}

}  // namespace dinsd
