#pragma once

#include <string>
#include <vector>

#include "pipeline/read/study.h"
#include "pipeline/segment/segment_options.h"
#include "pipeline/write/dicom_output_options.h"

namespace dinsd {

/// SHA-256 over what a study is, whatever its files are called: every instance's UID and stored pixels (DICOM) or every
/// file's digest, in sorted order, and what the headers say of patient, date and geometry, so that a corrected header
/// is a changed study.
[[nodiscard]] std::string InputsDigest(const InspectedStudy& study);

/// SHA-256 over the chosen image alone: the digests of its stored pixels (DICOM) or its file, with the frames that are
/// its slices where a file holds several. Clicks and what else the headers say do not count. Empty where none is
/// chosen.
[[nodiscard]] std::string ImagesDigest(const InspectedStudy& study);

/// What one file adds to it: the digest `content`, with `frames` where it is a multi-frame one.
[[nodiscard]] std::string ContentOf(const std::string& content, const std::vector<int>& frames);

/// The same from those digests, in any order; empty without one.
[[nodiscard]] std::string ContentsDigest(std::vector<std::string> contents);

/// The DICOM objects that the result of a study is to have: `options`, or none where its chosen image is no DICOM
/// series.
[[nodiscard]] DicomOutputOptions ObjectsFor(const InspectedStudy& study, const DicomOutputOptions& options);

/// Those of `objects` that the result of an imported mask is to have: no segmentation and no structure set, which would
/// be a copy of what was imported under another name.
[[nodiscard]] DicomOutputOptions ObjectsOfImport(DicomOutputOptions objects);

/// The idempotency key of a job: SHA-256 over inputs, clicks (or the result that they are proposed from; of reviewed
/// ones also that which proposed them; or the mask of others that is imported), weights, options and, where it has any,
/// `objects` (ObjectsFor). Equal key, same result: other codes or objects are another result, and so the next revision
/// of a job that is inspected again.
[[nodiscard]] std::string JobKey(const std::string& inputs_sha256, const std::string& prompts_sha256,
                                 const std::string& weights_sha256, const StudyReadOptions& read,
                                 const SegmentOptions& options, const DicomOutputOptions& objects,
                                 const std::string& prior_sha256 = "", const std::string& proposal_sha256 = "",
                                 const std::string& mask_sha256 = "");

}  // namespace dinsd
