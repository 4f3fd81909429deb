#pragma once

#include <string>
#include <vector>

#include "pipeline/read/study.h"
#include "pipeline/segment/segment_options.h"

namespace dinsd {

/// SHA-256 over what a study is, whatever its files are called: every instance's UID and stored pixels (DICOM) or every
/// file's digest, in sorted order, and what the headers say of patient, date and geometry, so that a corrected header
/// is a changed study.
[[nodiscard]] std::string InputsDigest(const InspectedStudy& study);

/// SHA-256 over the chosen image alone: the digests of its stored pixels (DICOM) or its file. Clicks and what the
/// headers say do not count. Empty where none is chosen.
[[nodiscard]] std::string ImagesDigest(const InspectedStudy& study);

/// The same from those digests, in any order; empty without one.
[[nodiscard]] std::string ContentsDigest(std::vector<std::string> contents);

/// The idempotency key of a job: SHA-256 over inputs, clicks, weights and options. Equal key, same result.
[[nodiscard]] std::string JobKey(const std::string& inputs_sha256, const std::string& prompts_sha256,
                                 const std::string& weights_sha256, const StudyReadOptions& read,
                                 const SegmentOptions& options);

}  // namespace dinsd
