#include "daemon/dins/review_answer.h"

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <stdexcept>
#include <string_view>

#include "daemon/publish/durable_files.h"
#include "pipeline/followup/review.h"
#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/pairing.h"
#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/input_error.h"

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

void CheckAreThere(const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (!fs::is_regular_file(file))
      throw InputError("PROMPTS_MISSING", file, "", "there is no such file of clicks", InputVerdict::kNeedsPrompts);
  }
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

// The names in what a report has as the file of its prompts: of stations' sidecars, which are one, there are several.
std::vector<std::string> NamesIn(const std::string& files) {
  constexpr std::string_view kBetween = " + ";
  std::vector<std::string> names;
  std::size_t begin = 0;
  for (std::size_t end = files.find(kBetween); end != std::string::npos; end = files.find(kBetween, begin)) {
    names.push_back(files.substr(begin, end - begin));
    begin = end + kBetween.size();
  }
  names.push_back(files.substr(begin));
  return names;
}

// The sidecars that the proposal was made from, relative to the images' folder; none where there are none, or where one
// of them is another one by now.
std::set<std::string> AnsweredSidecars(const OpenReview& review) {
  const nlohmann::json& prompts = review.report.at("prompts");
  if (!prompts.at("file").is_string()) return {};
  std::set<std::string> sidecars;
  std::string digests;
  const std::vector<std::string> names = NamesIn(prompts.at("file").get<std::string>());
  for (const std::string& name : names) {
    if (!name.ends_with(".prompts.json") || !fs::is_regular_file(FolderOf(review) / name)) return {};
    digests += Sha256Hex(ReadFileBytes(FolderOf(review), name, kMostBytes));
    sidecars.insert(name);
  }
  const std::string sha256 = names.size() == 1 ? digests : Sha256Hex(std::as_bytes(std::span(digests)));  // as AsOne
  return sha256 == prompts.at("sha256") ? sidecars : std::set<std::string>{};
}

bool IsRejectionFile(const fs::path& folder, const std::string& file) {
  return IsRejection(ParsePrompts(ReadFileBytes(folder, file, kMostBytes), file));
}

// What a person rejected may be looked at again, and what is answered makes room for its answer; all else that lies
// there is for a person to take away. Returns what is to make room.
std::set<std::string> MakesRoom(const OpenReview& review, const InspectedStudy& study) {
  const std::string sidecar = SidecarName(review);
  const std::set<std::string> answered = AnsweredSidecars(review);
  const fs::path folder = FolderOf(review);
  std::set<std::string> there(study.prompt_files.begin(), study.prompt_files.end());
  if (fs::exists(folder / sidecar)) there.insert(sidecar);
  for (const std::string& file : there) {
    if (answered.contains(file) || (file == sidecar && IsRejectionFile(folder, file))) continue;
    throw std::runtime_error("'" + (folder / file).string() +
                             "' has clicks already, which are not those that the proposal was made from: whose clicks "
                             "count is for a person to say. Take that file away, then answer again");
  }
  return answered;
}

// Hidden, so that neither daemon nor program takes it for clicks.
fs::path KeepCopy(const fs::path& folder, const std::string& file) {
  constexpr std::size_t kDigits = 12;
  const std::vector<std::byte> bytes = ReadFileBytes(folder, file, kMostBytes);
  const fs::path original = folder / file;
  std::string name = ".";
  name.append(original.filename()).append(".answered-").append(Sha256Hex(bytes).substr(0, kDigits));
  RewriteFile(original.parent_path() / name, std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  return original.parent_path() / name;
}

ReviewPut Put(const OpenReview& review, const InspectedStudy& study, Prompts& prompts, const std::string& file) {
  const Prompts proposal = ProposalOf(review);
  ReviewPut put{FolderOf(review) / SidecarName(review), {}, false, {}};
  put.record = CompleteReview(prompts, proposal, ProposalDigest(review), file);
  prompts.provenance.source = "human";
  put.is_rejection = IsRejection(prompts);
  CheckPrompts(prompts, file);
  (void)ResolveOnStations(prompts, ChosenImage(study), study.identity.study_uid, file);
  const fs::path folder = FolderOf(review);
  const std::set<std::string> answered = MakesRoom(review, study);
  for (const std::string& name : answered) put.kept.push_back(KeepCopy(folder, name));
  RewriteFile(put.sidecar, PromptsToJson(prompts).dump(1));
  for (const std::string& name : answered) {
    if (folder / name != put.sidecar) fs::remove(folder / name);
  }
  return put;
}

// Of a lesion for which nothing could be proposed there is nothing to reject: it is left out.
void RejectAll(Prompts& prompts) {
  std::erase_if(prompts.lesions, [](const PromptLesion& lesion) { return lesion.clicks.empty() && !lesion.box; });
  std::transform(prompts.lesions.begin(), prompts.lesions.end(), prompts.lesions.begin(), AllRejected);
  prompts.background.clear();
}

}  // namespace

ReviewPut PutAnswer(const OpenReview& review, const fs::path& results, const ReviewAnswerGiven& given,
                    const StudyReadOptions& options) {
  CheckAreThere(given.files);
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
  RejectAll(prompts);
  prompts.provenance = {.source = "human",
                        .created = FormatDateTime(std::time(nullptr)),
                        .tool = kReviewTool,
                        .tool_version = DINSD_VERSION,
                        .operator_pseudonym = reviewer,
                        .imported_from = AnswerTo(ProposalDigest(review)),
                        .remark = remark,
                        .rng_seed = std::nullopt};
  if (!IsRejection(prompts)) {
    throw std::runtime_error("job " + std::to_string(review.job) +
                             ": a lesion has a box and no click, so there is no click to reject: take that box out of "
                             "the file beside the images instead");
  }
  return Put(review, StudyOf(review, options), prompts, "the rejection");
}

}  // namespace dinsd
