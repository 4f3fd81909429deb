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
  std::string file;                 // relative to the study, or as given; of several Slicer files as by AsOne
  std::string sha256;               // of its bytes; of several as by AsOne
  std::vector<std::string> others;  // sidecars of the same study that were not taken, each with the reason
};

/// Finds the prompts of the study's chosen image among `study.prompt_files`; nothing where there are none. A sidecar
/// says itself which image it is for: one that names no image of the study is PROMPT_IMAGE_MISMATCH (kQuarantined,
/// with UnlistedInWords), unless no image can be read and each may have been meant: then the error of the first is
/// thrown. A Slicer file names none and is taken only where no other image can be meant: it is refused
/// (PROMPT_AMBIGUOUS) where the study holds usable images of another frame of reference, or of none that is known.
/// Several Slicer files for one image are one (see ParseSlicerMarkups). Several sources for one image: those whose
/// clicks are all verified come first, then the newest by `created`, which only sidecars have; two that differ and
/// neither rule can tell apart are PROMPT_AMBIGUOUS. Of an image in stations, sidecars that name different stations are
/// one (see MergeStationPrompts). Throws InputError of ParsePrompts, ParseSlicerMarkups,
/// ParseNfBoxes and ChosenImage too; a file that cannot be read spoils the others, since nobody knows what it says.
[[nodiscard]] std::optional<PairedPrompts> FindPrompts(const std::filesystem::path& root, const InspectedStudy& study,
                                                       const ReadLimits& limits, std::int64_t unix_now = UnixNow());

/// Reads the prompts of a file that a person named, in any of the formats above (another name is taken for
/// dinsd-prompts/1), for the chosen image of `study`. Throws InputError: PROMPT_IMAGE_MISMATCH (kQuarantined) as by
/// FindPrompts where they name no image of the study, whether one is chosen or not; where they name none themselves,
/// that of ChosenImage.
[[nodiscard]] PairedPrompts ReadPromptsFile(const std::filesystem::path& file, const InspectedStudy& study,
                                            const ReadLimits& limits, std::int64_t unix_now = UnixNow());

/// The image that the sidecars among `files` name, as StudyReadOptions::wanted_series_uid takes it: the SHA-256 of a
/// file where it gives one, else a SeriesInstanceUID. Empty where none does, where two name different ones, or where
/// one cannot be read (which FindPrompts will say).
[[nodiscard]] std::string SeriesNamedByPrompts(const std::filesystem::path& root, const std::vector<std::string>& files,
                                               const ReadLimits& limits, std::int64_t unix_now = UnixNow());

}  // namespace dinsd
