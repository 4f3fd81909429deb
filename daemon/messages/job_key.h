#pragma once

#include <string>

#include "pipeline/read/study.h"
#include "pipeline/segment/segment_options.h"

namespace dinsd {

/// SHA-256 over what a study is, whatever its files are called: every instance's UID and stored pixels (DICOM) or every
/// file's digest, in sorted order, and what the headers say of patient, date and geometry, so that a corrected header
/// is a changed study.
[[nodiscard]] std::string InputsDigest(const InspectedStudy& study);

/// The idempotency key of a job: SHA-256 over inputs, clicks, weights and options. Equal key, same result.
[[nodiscard]] std::string JobKey(const std::string& inputs_sha256, const std::string& prompts_sha256,
                                 const std::string& weights_sha256, const StudyReadOptions& read,
                                 const SegmentOptions& options);

}  // namespace dinsd
