#pragma once

#include <string>

#include "pipeline/prompt/prompts.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// Whether prompts were made on `image`: by SeriesInstanceUID where both have one, else by the SHA-256 of a file. Of an
/// image in stations, on one of them.
[[nodiscard]] bool NamesImage(const PromptImage& named, const StudyImage& image);

/// The names of `image`, as prompts that are made on it state them; of an image in stations, those of the first.
[[nodiscard]] PromptImage NamesOf(const StudyImage& image, const std::string& study_uid);

/// Throws PROMPT_IMAGE_MISMATCH (verdict kQuarantined: a possible mix-up of patients) where the prompts name another
/// study, series or file, the same with kNeedsPrompts where they name another stack of a multi-frame series, and
/// PROMPT_FOR_MISMATCH where they name another frame of reference. A study UID, stack or frame of reference is compared
/// only where both sides have one.
void CheckImage(const PromptImage& named, const StudyImage& image, const std::string& study_uid,
                const std::string& file);

}  // namespace dinsd
