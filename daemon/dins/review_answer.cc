#include "daemon/dins/review_answer.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "daemon/publish/durable_files.h"
#include "pipeline/followup/review.h"
#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/pairing.h"
#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20U;
constexpr std::size_t kMostRemark = 500;  // characters, as the schema has it

fs::path FolderOf(const OpenReview& review) {
  return fs::is_directory(review.images) ? review.images : review.images.parent_path();
}

InspectedStudy StudyOf(const OpenReview& review, const StudyReadOptions& options) {
  const fs::path folder = FolderOf(review);
  const std::vector<std::string> files =
      fs::is_directory(review.images) ? ListStudyFiles(folder) : std::vector<std::string>{review.images.filename()};
  return InspectStudy(folder, review.images.filename(), files, options);
}

bool IsMarkups(const std::string& file) {
  return file.ends_with(".mrk.json");
}

// 3D Slicer writes a file per list.
Prompts MarkupsOf(const std::vector<std::string>& names, const InspectedStudy& study, const ReadLimits& limits) {
  std::vector<std::vector<std::byte>> contents;
  contents.reserve(names.size());
  for (const fs::path name : names)
    contents.push_back(ReadFileBytes(name.parent_path(), name.filename(), limits.max_file_bytes));
  std::vector<MarkupsFile> files;
  for (std::size_t n = 0; n < names.size(); ++n)
    files.push_back({{names[n], Sha256Hex(contents[n]), FormatDateTime(std::time(nullptr))}, contents[n]});
  return ParseSlicerMarkups(files, ChosenImage(study), study.identity.study_uid);
}

Prompts Given(const std::vector<std::string>& files, const InspectedStudy& study, const StudyReadOptions& options) {
  const bool is_slicer = std::all_of(files.begin(), files.end(), IsMarkups);
  if (!is_slicer && files.size() > 1)
    throw std::runtime_error("several files are taken together only where all are .mrk.json of 3D Slicer");
  return is_slicer ? MarkupsOf(files, study, options.limits)
                   : ReadPromptsFile(files.front(), study, options.limits).prompts;
}

PromptLesion AllRejected(PromptLesion lesion) {
  for (PromptClick& click : lesion.clicks) click.status = ClickStatus::kRejected;
  return lesion;
}

// A lesion without any right click: 3D Slicer has no word for it.
void AddRejected(const std::vector<std::string>& ids, const Prompts& proposal, Prompts& prompts) {
  for (const std::string& id : ids) {
    const auto proposed = std::find_if(proposal.lesions.begin(), proposal.lesions.end(),
                                       [&](const PromptLesion& lesion) { return lesion.id == id; });
    if (proposed == proposal.lesions.end()) throw std::runtime_error("--reject: no lesion is named '" + id + "'");
    prompts.lesions.push_back(AllRejected(*proposed));
  }
}

// What a person rejected may be looked at again; all else that lies there is for a person to take away.
void CheckIsFree(const OpenReview& review, const InspectedStudy& study) {
  const std::string sidecar = SidecarName(review);
  const fs::path folder = FolderOf(review);
  std::vector<std::string> others = study.prompt_files;
  std::erase(others, sidecar);
  if (others.empty() && !fs::exists(folder / sidecar)) return;
  if (others.empty() && IsRejection(ParsePrompts(ReadFileBytes(folder, sidecar, kMostBytes), sidecar))) return;
  throw std::runtime_error("'" + folder.string() + "' has clicks already: whose clicks count is for a person to say");
}

ReviewPut Put(const OpenReview& review, const InspectedStudy& study, Prompts& prompts, const std::string& file) {
  const Prompts proposal = ProposalOf(review);
  ReviewPut put{FolderOf(review) / SidecarName(review), {}, false};
  put.record = CompleteReview(prompts, proposal, ProposalDigest(review), file);
  prompts.provenance.source = "human";
  put.is_rejection = IsRejection(prompts);
  CheckPrompts(prompts, file);
  (void)ResolveOnStations(prompts, ChosenImage(study), study.identity.study_uid, file);
  CheckIsFree(review, study);
  RewriteFile(put.sidecar, PromptsToJson(prompts).dump(1));
  return put;
}

}  // namespace

ReviewPut PutAnswer(const OpenReview& review, const fs::path& results, const ReviewAnswerGiven& given,
                    const StudyReadOptions& options) {
  CheckPriorStands(review, results, options);
  const InspectedStudy study = StudyOf(review, options);
  Prompts prompts = Given(given.files, study, options);
  AddRejected(given.rejected, ProposalOf(review), prompts);
  if (!given.reviewer.empty()) prompts.provenance.operator_pseudonym = given.reviewer;
  return Put(review, study, prompts, given.files.front());
}

ReviewPut PutRejection(const OpenReview& review, const std::string& reviewer, const std::string& remark,
                       const StudyReadOptions& options) {
  if (remark.size() > kMostRemark) throw std::runtime_error("--reason: more than 500 bytes");
  Prompts prompts = ProposalOf(review);
  std::transform(prompts.lesions.begin(), prompts.lesions.end(), prompts.lesions.begin(), AllRejected);
  prompts.background.clear();
  prompts.provenance = {.source = "human",
                        .created = FormatDateTime(std::time(nullptr)),
                        .tool = kReviewTool,
                        .tool_version = DINSD_VERSION,
                        .operator_pseudonym = reviewer,
                        .imported_from = AnswerTo(ProposalDigest(review)),
                        .remark = remark,
                        .rng_seed = std::nullopt};
  return Put(review, StudyOf(review, options), prompts, "the rejection");
}

}  // namespace dinsd
