#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "model/network_segmenter.h"
#include "pipeline/followup/prior.h"
#include "pipeline/followup/proposal_file.h"
#include "pipeline/followup/registration_use.h"
#include "pipeline/segment/study_result.h"

namespace dinsd {

/// One study to segment.
struct StudyRequest {
  std::filesystem::path root;            // the study's folder (or a folder that holds a lone file)
  InspectedStudy study;                  // what InspectStudy said; its digests are checked again while reading
  std::optional<PairedPrompts> prompts;  // nothing: those proposed from `prior`, or those beside the images
  StudyReadOptions read;
  SegmentOptions options;
  std::optional<ResultPlace> prior;   // of a study without clicks, or with lesions that name an object of this
                                      // result: where clicks are proposed from
  std::string created;                // RFC 3339, of clicks that are proposed
  RegistrationUse registration = {};  // with the prior
  std::optional<ReviewedResult> reviewed = {};  // where `prompts` are a review
  double limit_seconds = 0;                     // that the study has, 0 = none: re-runs that would go beyond are ended
};

/// Where a study is: `stage` is a word for people ("reading", "window 3 of 41"), `share` in [0, 1]. Returning false
/// ends the study with StudyStopped.
using OnStudyProgress = std::function<bool(const std::string& stage, double share)>;

struct StudyStopped {};

/// THE STORY of one study: image read, clicks resolved (or proposed from a prior: FollowPrior), brought onto the
/// network grid, network, back to the series grid, lesions told apart and measured, and run again to see how sure the
/// volumes are (RunAgain), which can fail without harm. Throws InputError (with the verdict
/// that the job gets), WeightsError WEIGHTS_GUIDE (the weights have another guide than options.guide, or none with a
/// sigma) and StudyStopped.
[[nodiscard]] StudyResult SegmentStudy(const StudyRequest& request, LoadedModel& model,
                                       const OnStudyProgress& progress);

}  // namespace dinsd
