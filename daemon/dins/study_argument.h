#pragma once

#include <filesystem>
#include <string>

#include "pipeline/segment_study.h"

namespace dinsd {

/// A study that a person named on the command line.
struct StudyArgument {
  std::filesystem::path root;
  InspectedStudy study;
  StudyReadOptions read;
};

/// Inspects STUDY: a folder, or an image file with the sidecar, the mask and the study.json beside it. `series` picks a
/// series of several; where it is empty, the series that the prompts name (those of `prompts_file`, else the only
/// sidecar of the study) is taken. `config_file` is a dinsd.toml whose [read] and [[series]] hold; empty: their
/// defaults. Throws InputError, ConfigError.
[[nodiscard]] StudyArgument OpenStudy(const std::filesystem::path& study, const std::string& series,
                                      const std::string& prompts_file, const std::string& config_file = "");

/// The prompts of a study: those of `prompts_file`, else those beside its images. Throws InputError PROMPTS_MISSING
/// where there are none, and that of ChosenImage where there is no image either.
[[nodiscard]] PairedPrompts PromptsFor(const StudyArgument& argument, const std::string& prompts_file);

/// "auto", "whole" or "boxes".
[[nodiscard]] SegmentMode ModeFrom(const std::string& word);

/// Shows on standard error how far a study is and how long it may take yet: one line that renews itself on a terminal,
/// else a line at each stage and every tenth.
class ConsoleProgress {
 public:
  ConsoleProgress();
  ~ConsoleProgress();
  ConsoleProgress(const ConsoleProgress&) = delete;
  ConsoleProgress& operator=(const ConsoleProgress&) = delete;

  void Show(const std::string& stage, double share);

 private:
  double begin_;
  bool is_terminal_;
  int last_tenth_ = -1;
  bool has_line_ = false;
};

}  // namespace dinsd
