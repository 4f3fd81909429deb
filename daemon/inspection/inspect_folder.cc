#include "daemon/inspection/inspect_folder.h"

#include <algorithm>

#include "daemon/messages/conflict_mark.h"
#include "pipeline/import/find_mask.h"
#include "pipeline/prompt/pairing.h"
#include "pipeline/prompt/proposal.h"

namespace dinsd {
namespace {

InspectedStudy Inspect(const std::filesystem::path& root, const ReaderRequest& request) {
  StudyReadOptions options = request.options;
  InspectedStudy study = InspectStudy(root, request.name, request.files, options);
  if (study.images.size() < 2 || study.prompt_files.empty()) return study;
  // Several images and a sidecar that names one of them: the person who clicked has decided.
  options.wanted_series_uid = SeriesNamedByPrompts(root, study.prompt_files, options.limits);
  if (options.wanted_series_uid.empty()) return study;
  return InspectStudy(root, request.name, request.files, options);
}

std::optional<ReviewAnswer> ReviewIn(const Prompts& prompts) {
  const PromptProvenance& by = prompts.provenance;
  const std::optional<std::string> proposal = AnsweredProposal(by);
  if (!proposal) return std::nullopt;
  return ReviewAnswer{*proposal, IsRejection(prompts), by.operator_pseudonym, by.created, by.remark};
}

void AddPrompts(const std::filesystem::path& root, const ReadLimits& limits, ReaderAnswer& answer) {
  try {
    const std::optional<PairedPrompts> prompts = FindPrompts(root, *answer.study, limits);
    if (!prompts) return;
    answer.prompts_file = prompts->file;
    answer.prompts_sha256 = prompts->sha256;
    answer.review = ReviewIn(prompts->prompts);
    answer.prior_objects = PriorObjectsOf(prompts->prompts);
  } catch (const InputError& error) {
    answer.prompts_problem = ProblemOf(error);
  }
}

constexpr std::size_t kMostNotes = 20;  // of masks

// What is beside the images and not used is told in the report, whatever becomes of the study.
void Note(const std::string& words, InspectedStudy& study) {
  for (StudyImage& image : study.images) {
    if (image.is_chosen) image.notes.push_back("study_warning: a mask that is not used: " + words);
  }
}

std::string WhyNoMask(const ReaderAnswer& answer, const ImportOptions& options) {
  if (!answer.prompts_sha256.empty()) return "there are clicks, which go before a mask";
  return options.masks ? "" : "import_masks of the configuration is off";
}

// Without clicks, a mask that others made of the chosen image.
void AddMask(const std::filesystem::path& root, const ReaderRequest& request, ReaderAnswer& answer) {
  InspectedStudy& study = *answer.study;
  if (answer.prompts_problem || study.mask_files.empty()) return;
  const std::string why_not = WhyNoMask(answer, request.import);
  if (!why_not.empty()) {
    for (const std::string& file : study.mask_files) answer.masks_not_taken.push_back(file + ": " + why_not);
  } else {
    try {
      FoundMask found = FindMask(root, study, request.import, request.options.limits);
      if (found.mask) answer.mask_sha256 = found.mask->sha256;
      answer.masks_not_taken = std::move(found.not_taken);
    } catch (const InputError& error) {
      answer.mask_problem = ProblemOf(error);
    }
  }
  if (!answer.mask_sha256.empty()) return;  // the import tells it itself
  const std::vector<std::string>& all = answer.masks_not_taken;
  for (std::size_t n = 0; n < std::min(all.size(), kMostNotes); ++n) Note(all[n], study);
  if (all.size() > kMostNotes) Note(std::to_string(all.size() - kMostNotes) + " more files", study);
}

// Clicks that came before their images.
bool AwaitsImages(const InspectedStudy& study) {
  return study.images.empty() && !study.prompt_files.empty() && study.mask_files.empty() && study.other_files.empty();
}

void CheckForConflictMark(const std::vector<std::string>& files) {
  if (std::find(files.begin(), files.end(), kConflictMark) == files.end()) return;
  throw InputError("IDENTITY_CONFLICT", kConflictMark, "SOPInstanceUID",
                   "an instance of this study came in another study too, as this file tells: remove the wrong one and "
                   "this file",
                   InputVerdict::kQuarantined);
}

// Clicks of another study weigh more than an image that cannot be used: a person must look.
bool IsMixUp(const std::optional<Problem>& problem) {
  return problem && problem->verdict == InputVerdict::kQuarantined;
}

}  // namespace

ReaderAnswer InspectFolder(const std::filesystem::path& root, const ReaderRequest& request) {
  ReaderAnswer answer;
  try {
    CheckForConflictMark(request.files);
    answer.study = Inspect(root, request);
    AddPrompts(root, request.options.limits, answer);
    if (AwaitsImages(*answer.study))
      throw InputError(kNoImages, request.name, "", "no image lies beside the clicks yet");
    (void)ChosenImage(*answer.study);
    AddMask(root, request, answer);
  } catch (const InputError& error) {
    answer.problem = IsMixUp(answer.prompts_problem) ? answer.prompts_problem : ProblemOf(error);
  }
  return answer;
}

}  // namespace dinsd
