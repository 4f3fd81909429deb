#pragma once

#include <string_view>

namespace dinsd {

// Stable codes that the queue itself gives as a job's reason; all others come from whoever refused or failed it.
inline constexpr std::string_view kDuplicateCode = "DUPLICATE";   // another job has the same key
inline constexpr std::string_view kStudyGoneCode = "STUDY_GONE";  // its files are no longer there
inline constexpr std::string_view kNoPromptsCode = "NO_PROMPTS";  // nobody clicked for too long
inline constexpr std::string_view kCancelledCode = "CANCELLED";   // a person gave it up: only a person takes it up
inline constexpr std::string_view kInputChangedCode = "INPUT_CHANGED";  // its bytes differ from those that were queued
inline constexpr std::string_view kServiceLostCode = "SERVICE_LOST";  // the whole service ended while it ran, too often

// No reason, but what a result's journal and report say.
inline constexpr std::string_view kSameImagesCode = "SAME_IMAGES";  // another job has results of the same images

}  // namespace dinsd
