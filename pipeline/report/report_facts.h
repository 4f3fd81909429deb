#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/segment/study_result.h"

namespace dinsd {

/// What the report says that takes more than one field of the result; every form of the report reads it here.
struct ReportTotals {
  std::size_t lesions = 0;
  std::size_t with_voxels = 0;
  std::size_t below_measurable = 0;
  const LesionResult* largest = nullptr;  // nothing where no lesion holds a voxel
};
[[nodiscard]] ReportTotals TotalsOf(const StudyResult& result);

/// The prompts of lesion `index` of the result; nullptr where they do not name it.
[[nodiscard]] const PromptLesion* PromptsOf(const StudyResult& result, std::size_t index);
[[nodiscard]] const ResolvedLesion* ResolvedOf(const StudyResult& result, std::size_t index);

/// Whether the result is PRELIMINARY: it says so itself, or a proposed click is among its prompts.
[[nodiscard]] bool IsPreliminary(const StudyResult& result);

/// Whether a later study of the same patient could be set beside this one: pseudonym and date are both known.
[[nodiscard]] bool HasHistory(const StudyResult& result);

/// The series that lesion `index` has voxels in: that of the image, or of each station that owns one.
[[nodiscard]] std::vector<std::string> SeriesOfLesion(const StudyResult& result, std::size_t index);

/// Spacing along the slice axis, mm.
[[nodiscard]] double SliceSpacingMm(const GridGeometry& grid);

/// A flag in words for a reader of the report; an unknown one is shown by its name.
struct FlagMeaning {
  std::string title;
  std::string meaning;
};
[[nodiscard]] FlagMeaning MeaningOf(std::string_view flag);

/// The flags of lesion `index`, each once: below_measurable among them wherever the rule says so, and proposed_click
/// where one of its clicks was never verified.
[[nodiscard]] std::vector<std::string> FlagsOf(const StudyResult& result, std::size_t index);

/// Whether one of the lesion's clicks was proposed by a program and never verified by a person.
[[nodiscard]] bool HasProposedClick(const ResolvedLesion& lesion);

/// What concerns the whole study, each sentence once.
[[nodiscard]] std::vector<std::string> WarningsOf(const StudyResult& result);

/// "left", "right", "both sides", "midline" for L, R, B, U; empty else.
[[nodiscard]] std::string LateralityWord(std::string_view letter);
[[nodiscard]] std::string FormatWord(ImageFormat format);
[[nodiscard]] std::string ModeWord(SegmentMode mode);

}  // namespace dinsd
