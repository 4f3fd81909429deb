#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// The prompts that a study came with.
struct PairedPrompts {
  Prompts prompts;
  std::string file;                 // relative to the study, or as given
  std::string sha256;               // of its bytes
  std::vector<std::string> others;  // sidecars of the same image that were not taken, with the reason
};

/// Finds the sidecar of the study's chosen image (a file `*.prompts.json`, Slicer's `*.mrk.json`, `nf_box.csv`) among
/// `study.prompt_files`; nothing where there is none. Several: the newest verified one; two of the same rank with
/// different content are PROMPT_AMBIGUOUS. A sidecar that names another image is PROMPT_IMAGE_MISMATCH (kQuarantined).
/// Throws InputError of ParsePrompts too.
[[nodiscard]] std::optional<PairedPrompts> FindPrompts(const std::filesystem::path& root, const InspectedStudy& study,
                                                       const ReadLimits& limits);

/// Reads the prompts of a file that was named by a person, in any of the formats above, for `image`.
[[nodiscard]] PairedPrompts ReadPromptsFile(const std::filesystem::path& file, const StudyImage& image,
                                            const ReadLimits& limits);

/// The series that the only sidecar of a study names, empty where none does: it decides which series is read.
[[nodiscard]] std::string SeriesNamedByPrompts(const std::filesystem::path& root,
                                               const std::vector<std::string>& prompt_files, const ReadLimits& limits);

}  // namespace dinsd
