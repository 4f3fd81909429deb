#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/load_settings.h"
#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/review.h"
#include "daemon/publish/durable_files.h"
#include "pipeline/followup/review.h"
#include "pipeline/followup/review_markups.h"
#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/pairing.h"
#include "pipeline/prompt/resolve_stations.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/digest.h"
#include "pipeline/read/file_bytes.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

struct ReviewRequest {
  fs::path results = "/var/lib/dinsd/results";
  fs::path config;
  bool as_json = false;
  std::int64_t job = 0;
  fs::path out;
  std::vector<std::string> files;
  std::string reviewer;
  std::vector<std::string> rejected;
};

using Request = std::shared_ptr<ReviewRequest>;

StudyReadOptions ReadOptionsOf(const ReviewRequest& asked) {
  if (asked.config.empty()) return {};
  const Settings settings = LoadSettings(asked.config);
  return {settings.read.limits, settings.read.dicom, ""};
}

json RowOf(const OpenReview& review) {
  const json& report = review.report;
  std::size_t flagged = 0;
  for (const json& lesion : report.at("lesions")) flagged += lesion.at("flags").size() > 1 ? 1 : 0;  // beyond proposed
  const json prior = report.contains("follow_up") ? report.at("follow_up").at("prior_study_date") : json();
  return {{"job", review.job},     {"revision", review.revision},
          {"study", review.study}, {"study_date", report.at("study").at("study_date")},
          {"prior_date", prior},   {"lesions", report.at("lesions").size()},
          {"flagged", flagged},    {"result", review.result.string()}};
}

void List(const ReviewRequest& asked) {
  json rows = json::array();
  for (const OpenReview& review : OpenReviews(asked.results)) rows.push_back(RowOf(review));
  if (asked.as_json) {
    std::printf("%s\n", rows.dump(2).c_str());
    return;
  }
  if (rows.empty()) std::printf("nothing waits for a review\n");
  for (const json& row : rows) {
    const auto date = [](const json& word) { return word.is_string() ? word.get<std::string>() : "no date"; };
    std::printf("job %lld r%lld  %s  of %s, prior of %s: %zu lesions, %zu flagged\n",
                static_cast<long long>(row.at("job").get<std::int64_t>()),
                static_cast<long long>(row.at("revision").get<std::int64_t>()),
                CleanLine(row.at("study").get<std::string>()).c_str(), date(row.at("study_date")).c_str(),
                date(row.at("prior_date")).c_str(), row.at("lesions").get<std::size_t>(),
                row.at("flagged").get<std::size_t>());
  }
}

void Export(const ReviewRequest& asked) {
  ExportReview(FindReview(asked.results, asked.job), asked.results, asked.out, ReadOptionsOf(asked));
  std::printf("open %s; what it saves is for: dins review accept %lld FILE\n", (asked.out / "review.html").c_str(),
              static_cast<long long>(asked.job));
}

bool IsMarkups(const std::string& file) {
  return file.ends_with(".mrk.json");
}

// Lists of 3D Slicer name neither patient nor image: each that was exported says which proposal it answers.
std::string AnsweredBy(const std::vector<std::vector<std::byte>>& contents) {
  std::set<std::string> proposals;
  for (const std::vector<std::byte>& content : contents) proposals.merge(ProposalsIn(content));
  return proposals.size() == 1 ? AnswerTo(*proposals.begin()) : "";
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
  Prompts prompts = ParseSlicerMarkups(files, ChosenImage(study), study.identity.study_uid);
  prompts.provenance.imported_from = AnsweredBy(contents);
  return prompts;
}

InspectedStudy StudyOf(const fs::path& folder, const OpenReview& review, const StudyReadOptions& options) {
  const std::vector<std::string> files =
      fs::is_directory(review.images) ? ListStudyFiles(folder) : std::vector<std::string>{review.images.filename()};
  return InspectStudy(folder, review.images.filename(), files, options);
}

Prompts Reviewed(const ReviewRequest& asked, const InspectedStudy& study, const StudyReadOptions& options) {
  const bool is_slicer = std::all_of(asked.files.begin(), asked.files.end(), IsMarkups);
  if (!is_slicer && asked.files.size() > 1)
    throw std::runtime_error("several files are taken together only where all are .mrk.json of 3D Slicer");
  return is_slicer ? MarkupsOf(asked.files, study, options.limits)
                   : ReadPromptsFile(asked.files.front(), study, options.limits).prompts;
}

// A lesion without any right click: 3D Slicer has no word for it.
void AddRejected(const std::vector<std::string>& ids, const Prompts& proposal, Prompts& prompts) {
  for (const std::string& id : ids) {
    const auto proposed = std::find_if(proposal.lesions.begin(), proposal.lesions.end(),
                                       [&](const PromptLesion& lesion) { return lesion.id == id; });
    if (proposed == proposal.lesions.end()) throw std::runtime_error("--reject: no lesion is named '" + id + "'");
    PromptLesion lesion = *proposed;
    for (PromptClick& click : lesion.clicks) click.status = ClickStatus::kRejected;
    prompts.lesions.push_back(std::move(lesion));
  }
}

void Accept(const ReviewRequest& asked) {
  const OpenReview review = FindReview(asked.results, asked.job);
  const fs::path folder = fs::is_directory(review.images) ? review.images : review.images.parent_path();
  const StudyReadOptions options = ReadOptionsOf(asked);
  CheckPriorStands(review, asked.results, options);
  const Prompts proposal = ProposalOf(review);
  const InspectedStudy study = StudyOf(folder, review, options);
  Prompts prompts = Reviewed(asked, study, options);
  AddRejected(asked.rejected, proposal, prompts);
  if (!asked.reviewer.empty()) prompts.provenance.operator_pseudonym = asked.reviewer;
  const ReviewChanges changes = CompleteReview(prompts, proposal, ProposalDigest(review), asked.files.front());
  prompts.provenance.source = "human";
  CheckPrompts(prompts, asked.files.front());
  (void)ResolveOnStations(prompts, ChosenImage(study), study.identity.study_uid, asked.files.front());
  const fs::path sidecar = folder / SidecarName(review);
  if (!study.prompt_files.empty() || fs::exists(sidecar)) {
    throw std::runtime_error("'" + folder.string() + "' has clicks already: whose clicks count is for a person to say");
  }
  RewriteFile(sidecar, PromptsToJson(prompts).dump(1));
  std::printf("%d clicks kept, %d moved, %d rejected, %d added; %d lesions added: %s\n", changes.kept, changes.moved,
              changes.rejected, changes.added, changes.lesions_added, CleanLine(sidecar.string()).c_str());
}

CLI::App* Add(CLI::App& review, const Request& asked, const char* name, const char* about) {
  CLI::App* command = review.add_subcommand(name, about);
  command->add_option("--results", asked->results, "the daemon's results_dir")->capture_default_str()->check(IsPath);
  return command;
}

}  // namespace

void AddReviewCommand(CLI::App& app) {
  CLI::App* review = app.add_subcommand("review", "judge clicks that a program proposed, so that a result is final");
  review->require_subcommand(1);
  const auto asked = std::make_shared<ReviewRequest>();
  CLI::App* list = Add(*review, asked, "list", "preliminary results that wait for a person");
  list->add_flag("--json", asked->as_json, "print them as JSON");
  list->callback([asked] { List(*asked); });
  CLI::App* out = Add(*review, asked, "export", "a page, and lists for 3D Slicer, to judge the clicks by");
  out->add_option("job", asked->job, "its number")->required();
  out->add_option("--out", asked->out, "a new or empty folder")->required()->check(IsPath);
  out->add_option("--config", asked->config, "a dinsd.toml whose [read] and [[series]] hold")->check(IsPath);
  out->callback([asked] { Export(*asked); });
  CLI::App* accept = Add(*review, asked, "accept", "put reviewed clicks beside the images: the daemon does the rest");
  accept->add_option("job", asked->job, "its number")->required();
  accept->add_option("files", asked->files, "what the page saved, or 3D Slicer's .mrk.json files")->required();
  accept->add_option("--operator", asked->reviewer, "pseudonym of who reviewed, where the file does not say");
  accept->add_option("--reject", asked->rejected, "lesions of which no click is right, by name (with 3D Slicer)");
  accept->add_option("--config", asked->config, "a dinsd.toml whose [read] and [[series]] hold")->check(IsPath);
  accept->callback([asked] { Accept(*asked); });
}

}  // namespace dinsd
