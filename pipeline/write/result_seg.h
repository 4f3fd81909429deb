#pragma once

#include <string>
#include <vector>

#include "pipeline/report/report.h"
#include "pipeline/write/dicom_output_options.h"
#include "pipeline/write/dicom_seg.h"

namespace dinsd {

/// A site's code, or the newer one that stands for it now.
[[nodiscard]] DicomCode SiteCodeOf(const PromptCode& site, const std::vector<ReplacedCode>& replaced);

/// The lesions of a result as segments: names, tracking, site and side as its prompts have them; a site whose code is
/// among `replaced` gets the newer one.
[[nodiscard]] std::vector<SegLesion> SegLesionsOf(const StudyResult& result,
                                                  const std::vector<ReplacedCode>& replaced = {});

/// The same with a tracking UID each, for objects that are made of several series: a lesion without one of its own gets
/// that which a segmentation of `first`, the first of them, gives it. All its segments then share it.
[[nodiscard]] std::vector<SegLesion> TrackedLesionsOf(const StudyResult& result, const SourceSeries& first,
                                                      const std::vector<ReplacedCode>& replaced = {});

/// What a SEG says of a result: semiautomatic where a person clicked, automatic where clicks were simulated or
/// propagated; preliminary where IsPreliminary. UIDs are made of `job_key`.
[[nodiscard]] SegFacts SegFactsOf(const StudyResult& result, const ReportContext& context, const std::string& job_key);

}  // namespace dinsd
