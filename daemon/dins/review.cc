#include "daemon/dins/review.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <map>
#include <stdexcept>

#include "daemon/publish/durable_files.h"
#include "daemon/publish/result_index.h"
#include "pipeline/followup/review_markups.h"
#include "pipeline/prompt/prompt_space.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/read/label_file.h"
#include "pipeline/read/pseudonym.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/review_page.h"

namespace dinsd {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 20U;

fs::path ResultFolder(const fs::path& results, std::int64_t job, std::int64_t revision) {
  std::string name = "r";
  return results / std::to_string(job) / name.append(std::to_string(revision));
}

// A lone image file lies in its folder among others.
fs::path FolderOf(const fs::path& study) {
  return fs::is_directory(study) ? study : study.parent_path();
}

ResultPlace PlaceOf(const fs::path& result, const fs::path& study) {
  const std::vector<std::byte> bytes = ReadFileBytes(result, "result.json", kMostBytes);
  return {result, Sha256Hex(bytes), FolderOf(study), study.filename()};
}

std::string Millilitres(const json& number) {
  if (!number.is_number()) return "not known";
  std::array<char, 32> text{};
  (void)std::snprintf(text.data(), text.size(), "%.2f mL", number.get<double>());
  return text.data();
}

// What report.json says of a lesion then and now; a result that was not followed has no "then".
std::string FactsOf(const json& report, const json& lesion, std::uint16_t& prior_label) {
  std::string facts = "now " + Millilitres(lesion.at("volume_ml"));
  if (!report.contains("follow_up")) return facts;
  for (const json& row : report.at("follow_up").at("lesions")) {
    if (row.at("tracking_id") != lesion.at("tracking_id")) continue;
    prior_label = row.at("prior_label").get<std::uint16_t>();
    facts.insert(0, "prior " + Millilitres(row.at("prior_ml")) + ", ");
    facts += ", " + row.at("class").get<std::string>();
  }
  return facts;
}

std::vector<ReviewLesion> LesionsOf(const OpenReview& review, const Prompts& proposal) {
  std::vector<ReviewLesion> lesions;
  for (const PromptLesion& prompts : proposal.lesions) {
    ReviewLesion lesion{prompts.id, 0, 0, "", {}};
    for (const json& row : review.report.at("lesions")) {
      if (row.at("tracking_id") != prompts.id) continue;
      lesion.label = row.at("label").get<std::uint16_t>();
      lesion.facts = FactsOf(review.report, row, lesion.prior_label);
      for (const json& flag : row.at("flags")) lesion.flags.push_back(MeaningOf(flag.get<std::string>()).title);
    }
    lesions.push_back(std::move(lesion));
  }
  return lesions;
}

// The prior's images and mask, where they can still be had.
std::optional<MeasuredStudy> PriorOf(const OpenReview& review, const fs::path& results,
                                     const StudyReadOptions& options) {
  if (!review.report.contains("follow_up")) return std::nullopt;
  const json& prior = review.report.at("follow_up");
  const std::int64_t job = prior.at("prior_job").get<std::int64_t>();
  const std::int64_t revision = prior.at("prior_revision").get<std::int64_t>();
  const std::optional<IndexRow> row = ResultIndex(results / "index.csv").Find(job, revision);
  if (!row) return std::nullopt;
  try {
    return ReadMeasuredStudy(PlaceOf(ResultFolder(results, job, revision), row->path), options);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// Images that cannot be had say nothing.
void CheckStands(const OpenReview& review, const std::optional<MeasuredStudy>& prior) {
  const json& patient = review.report.at("study").at("patient");
  if (!prior || !patient.is_string() || prior->identity.patient == patient.get<std::string>()) return;
  throw std::runtime_error("job " + std::to_string(review.job) +
                           ": the images of its prior name another patient by now, so nothing that came of it counts");
}

std::string AboutOf(const OpenReview& review) {
  const json& study = review.report.at("study");
  std::string about = "Job " + std::to_string(review.job) + ", revision " + std::to_string(review.revision);
  if (study.at("patient").is_string()) about += ", patient " + study.at("patient").get<std::string>();
  if (study.at("study_date").is_string()) about += ", study of " + study.at("study_date").get<std::string>();
  if (review.report.contains("follow_up") && review.report.at("follow_up").at("prior_study_date").is_string())
    about += ", prior of " + review.report.at("follow_up").at("prior_study_date").get<std::string>();
  return about + ".";
}

void WriteMarkups(const Prompts& proposal, const std::string& proposal_sha256, const fs::path& folder) {
  fs::create_directory(folder);
  for (std::size_t k = 0; k < proposal.lesions.size(); ++k) {
    if (proposal.lesions[k].clicks.empty()) continue;  // 3D Slicer has no word for a list without a point
    RewriteFile(folder / (std::to_string(k + 1) + ".mrk.json"),
                SlicerMarkups(WithClicksInLps(proposal, proposal.lesions[k]), proposal_sha256));
  }
}

std::vector<IndexRow> RowsOf(const fs::path& results) {
  if (!std::ifstream(results / "index.csv"))
    throw std::runtime_error("'" + (results / "index.csv").string() +
                             "' cannot be read: is that a daemon's results_dir?");
  return ResultIndex(results / "index.csv").Rows();
}

json ReportOf(const fs::path& result) {
  try {
    return ReadResultJson(result, "report.json");
  } catch (const InputError& error) {
    throw std::runtime_error("'" + result.string() + "': " + error.what());
  }
}

}  // namespace

std::vector<OpenReview> OpenReviews(const fs::path& results) {
  std::map<std::int64_t, OpenReview> newest;
  for (const IndexRow& row : RowsOf(results)) {
    OpenReview& review = newest[row.job];
    if (review.revision > row.revision) continue;
    review = {row.job, row.revision, row.study, row.path, ResultFolder(results, row.job, row.revision), {}};
  }
  std::vector<OpenReview> open;
  for (auto& [job, review] : newest) {
    if (!fs::exists(review.result)) continue;  // it was moved away
    review.report = ReportOf(review.result);
    if (review.report.value("state", "") == "preliminary") open.push_back(std::move(review));
  }
  return open;
}

OpenReview FindReview(const fs::path& results, std::int64_t job) {
  std::vector<OpenReview> open = OpenReviews(results);
  const auto found =
      std::find_if(open.begin(), open.end(), [&](const OpenReview& review) { return review.job == job; });
  if (found != open.end()) return *found;
  throw std::runtime_error("job " + std::to_string(job) + " has no preliminary result in '" + results.string() +
                           "': there is nothing to review");
}

void CheckPriorStands(const OpenReview& review, const fs::path& results, const StudyReadOptions& options) {
  CheckStands(review, PriorOf(review, results, options));
}

std::string ProposalDigest(const OpenReview& review) {
  return ProposalDigest(ReadFileBytes(review.result, "prompts.json", kMostBytes));
}

Prompts ProposalOf(const OpenReview& review) {
  return ParsePrompts(ReadFileBytes(review.result, "prompts.json", kMostBytes), "prompts.json");
}

std::optional<Prompts> AnswerBeside(const OpenReview& review) {
  const fs::path folder = FolderOf(review.images);
  const std::string sidecar = SidecarName(review);
  if (!fs::exists(folder / sidecar)) return std::nullopt;
  try {
    Prompts prompts = ParsePrompts(ReadFileBytes(folder, sidecar, kMostBytes), sidecar);
    const PromptProvenance& by = prompts.provenance;
    if (AnsweredProposal(by) == ProposalDigest(review) && FaultOfPseudonym(by.operator_pseudonym).empty())
      return prompts;
  } catch (const InputError&) {  // the daemon says what is wrong with it
  }
  return std::nullopt;
}

std::vector<DoneReview> DoneReviews(const fs::path& results, std::int64_t job) {
  std::vector<DoneReview> done;
  for (const IndexRow& row : RowsOf(results)) {
    const fs::path place = ResultFolder(results, row.job, row.revision);
    if ((job != 0 && row.job != job) || !fs::exists(place)) continue;
    json report = ReportOf(place);
    if (report.contains("review")) done.push_back({row.job, row.revision, row.study, std::move(report)});
  }
  return done;
}

std::string SidecarName(const OpenReview& review) {
  const json& image = review.report.at("image");
  const json& first = image.contains("stations") ? image.at("stations").at(0) : image;
  if (image.at("format") == FormatWord(ImageFormat::kDicomSeries) && first.at("series_uid").is_string())
    return first.at("series_uid").get<std::string>() + ".prompts.json";
  const fs::path file = image.at("files").at(0).at("file").get<std::string>();
  return file.string() + ".prompts.json";
}

void ExportReview(const OpenReview& review, const fs::path& results, const fs::path& out,
                  const StudyReadOptions& options) {
  const std::optional<MeasuredStudy> prior = PriorOf(review, results, options);
  CheckStands(review, prior);
  const Prompts proposal = ProposalOf(review);
  const MeasuredStudy today = ReadMeasuredStudy(PlaceOf(review.result, review.images), options);
  const bool has_mapped = fs::exists(review.result / "prior_mask.nii.gz");
  const LabelMap mapped = has_mapped ? ReadLabelFile(review.result / "prior_mask.nii.gz", options.limits) : LabelMap{};
  ReviewInput input{"Review: " + review.study,
                    AboutOf(review),
                    fs::path(SidecarName(review)).filename(),
                    ProposalDigest(review),
                    proposal,
                    LesionsOf(review, proposal),
                    {&today.volumes.whole, has_mapped ? &mapped : nullptr, &today.mask},
                    {}};
  if (review.report.contains("follow_up"))
    input.findings = review.report.at("follow_up").at("registration").at("findings").get<std::vector<std::string>>();
  if (prior) input.prior = {&prior->volumes.whole, &prior->mask, nullptr};
  fs::create_directories(out);
  if (!fs::is_empty(out)) throw std::runtime_error("'" + out.string() + "' is not empty");
  RewriteFile(out / "review.html", ReviewPage(input));
  RewriteFile(out / "proposal.prompts.json", PromptsToJson(proposal).dump(1));
  WriteMarkups(proposal, ProposalDigest(review), out / "slicer");
}

}  // namespace dinsd
