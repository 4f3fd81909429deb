#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/load_settings.h"
#include "daemon/command_line/path_check.h"
#include "daemon/dins/commands.h"
#include "daemon/dins/review.h"
#include "daemon/dins/review_answer.h"
#include "pipeline/prompt/proposal.h"
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
  std::string remark;
  bool lists_done = false;
};

using Request = std::shared_ptr<ReviewRequest>;

StudyReadOptions ReadOptionsOf(const ReviewRequest& asked) {
  if (asked.config.empty()) return {};
  const Settings settings = LoadSettings(asked.config);
  return {settings.read.limits, settings.read.dicom, ""};
}

json RowOf(const OpenReview& review) {
  const json& report = review.report;
  std::size_t flagged = 0, gone = 0;
  for (const json& lesion : report.at("lesions")) {
    const json& flags = lesion.at("flags");
    flagged += flags.size() > 1 ? 1 : 0;  // beyond proposed
    gone += std::find(flags.begin(), flags.end(), "may_be_gone") != flags.end() ? 1 : 0;
  }
  const json prior = report.contains("follow_up") ? report.at("follow_up").at("prior_study_date") : json();
  return {{"job", review.job},
          {"revision", review.revision},
          {"study", review.study},
          {"study_date", report.at("study").at("study_date")},
          {"prior_date", prior},
          {"lesions", report.at("lesions").size()},
          {"flagged", flagged},
          {"may_be_gone", gone},
          {"result", review.result.string()}};
}

void PrintRow(const json& row) {
  const auto date = [](const json& word) { return word.is_string() ? word.get<std::string>() : "no date"; };
  std::printf("job %lld r%lld  %s  of %s, prior of %s: %zu lesions, %zu flagged, %zu may be gone\n",
              static_cast<long long>(row.at("job").get<std::int64_t>()),
              static_cast<long long>(row.at("revision").get<std::int64_t>()),
              CleanLine(row.at("study").get<std::string>()).c_str(), date(row.at("study_date")).c_str(),
              date(row.at("prior_date")).c_str(), row.at("lesions").get<std::size_t>(),
              row.at("flagged").get<std::size_t>(), row.at("may_be_gone").get<std::size_t>());
  if (!row.at("answered_by").is_null())
    std::printf("  an answer lies beside the images: the daemon has it next, or says why not (dins queue show)\n");
}

void Export(const ReviewRequest& asked) {
  ExportReview(FindReview(asked.results, asked.job), asked.results, asked.out, ReadOptionsOf(asked));
  std::printf("open %s; what it saves is for: dins review accept %lld FILE\n", (asked.out / "review.html").c_str(),
              static_cast<long long>(asked.job));
}

void Tell(const ReviewPut& put) {
  std::printf("%s: %s\n", CleanLine(InWords(put.record)).c_str(), CleanLine(put.sidecar.string()).c_str());
  for (const fs::path& kept : put.kept)
    std::printf("it takes the place of the clicks that it answers, which are kept as %s\n",
                CleanLine(kept.string()).c_str());
  if (put.is_rejection)
    std::printf("nothing of it becomes final: the study waits for a person's clicks in place of that file\n");
}

void Accept(const ReviewRequest& asked) {
  Tell(PutAnswer(FindReview(asked.results, asked.job), asked.results, {asked.files, asked.reviewer, asked.rejected},
                 ReadOptionsOf(asked)));
}

void Reject(const ReviewRequest& asked) {
  Tell(PutRejection(FindReview(asked.results, asked.job), asked.reviewer, asked.remark, ReadOptionsOf(asked)));
}

std::string WordOf(const json& object, const char* key) {
  const json& value = object.at(key);
  return value.is_string() ? CleanLine(value.get<std::string>()) : value.is_null() ? "" : value.dump();
}

void PrintDone(const DoneReview& done, bool in_full) {
  const json& review = done.report.at("review");
  std::printf("job %lld r%lld  %s  reviewed by %s on %s: %s\n", static_cast<long long>(done.job),
              static_cast<long long>(done.revision), CleanLine(done.study).c_str(), WordOf(review, "operator").c_str(),
              WordOf(review, "created").c_str(), WordOf(review, "in_words").c_str());
  if (!in_full) return;
  std::printf("  of the clicks that revision %s proposed", WordOf(review, "proposal_revision").c_str());
  if (done.report.contains("follow_up")) {
    const json& prior = done.report.at("follow_up");
    std::printf(" from job %s, study of %s", WordOf(prior, "prior_job").c_str(),
                WordOf(prior, "prior_study_date").c_str());
  }
  std::printf("\n");
  const std::string remark = WordOf(review, "remark");
  if (!remark.empty()) std::printf("  remark: %s\n", remark.c_str());
  for (const json& lesion : review.at("lesions")) {
    std::printf("  %s%s: %s\n", lesion.at("added").get<bool>() ? "new lesion " : "",
                WordOf(lesion, "tracking_id").c_str(), WordOf(lesion, "in_words").c_str());
  }
}

void PrintReviews(const std::vector<DoneReview>& all, bool as_json, bool in_full) {
  json rows = json::array();
  for (const DoneReview& done : all) {
    if (!as_json) PrintDone(done, in_full);
    rows.push_back(
        {{"job", done.job}, {"revision", done.revision}, {"study", done.study}, {"review", done.report.at("review")}});
  }
  if (as_json) std::printf("%s\n", rows.dump(2).c_str());
}

void List(const ReviewRequest& asked) {
  if (asked.lists_done) return PrintReviews(DoneReviews(asked.results), asked.as_json, false);
  json rows = json::array();
  for (const OpenReview& review : OpenReviews(asked.results)) {
    const std::optional<Prompts> answer = AnswerBeside(review);
    if (answer && IsRejection(*answer)) continue;
    rows.push_back(RowOf(review));
    rows.back()["answered_by"] = answer ? json(answer->provenance.operator_pseudonym) : json();
  }
  if (asked.as_json) {
    std::printf("%s\n", rows.dump(2).c_str());
    return;
  }
  if (rows.empty()) std::printf("nothing waits for a review\n");
  for (const json& row : rows) PrintRow(row);
}

// A proposal that was rejected has made no result.
std::optional<std::string> RejectionOf(const OpenReview& review) {
  const std::optional<Prompts> answer = AnswerBeside(review);
  if (!answer || !IsRejection(*answer)) return std::nullopt;
  const PromptProvenance& by = answer->provenance;
  std::string words = "rejected by ";
  words.append(by.operator_pseudonym).append(" on ").append(by.created);
  if (!by.remark.empty()) words.append(": ").append(by.remark);
  return words;
}

void Show(const ReviewRequest& asked) {
  const std::vector<DoneReview> done = DoneReviews(asked.results, asked.job);
  PrintReviews(done, asked.as_json, true);
  if (asked.as_json) return;
  bool is_told = !done.empty();
  for (const OpenReview& review : OpenReviews(asked.results)) {
    if (review.job != asked.job) continue;
    is_told = true;
    std::printf("job %lld r%lld  %s  %s\n", static_cast<long long>(review.job), static_cast<long long>(review.revision),
                CleanLine(review.study).c_str(), CleanLine(RejectionOf(review).value_or("waits for a person")).c_str());
  }
  if (!is_told) throw std::runtime_error("no result of job " + std::to_string(asked.job) + " has anything to review");
}

CLI::App* Add(CLI::App& review, const Request& asked, const char* name, const char* about) {
  CLI::App* command = review.add_subcommand(name, about);
  command->add_option("--results", asked->results, "the daemon's results_dir")->capture_default_str()->check(IsPath);
  return command;
}

void AddConfig(CLI::App& command, const Request& asked) {
  command.add_option("--config", asked->config, "a dinsd.toml whose [read] and [[series]] hold")->check(IsPath);
}

void AddAnswers(CLI::App& review, const Request& asked) {
  CLI::App* accept = Add(review, asked, "accept", "put reviewed clicks beside the images: the daemon does the rest");
  accept->add_option("job", asked->job, "its number")->required();
  accept->add_option("files", asked->files, "what the page saved, or 3D Slicer's .mrk.json files")->required();
  accept->add_option("--operator", asked->reviewer, "pseudonym of who reviewed, where the file does not say");
  accept->add_option("--reject", asked->rejected, "lesions of which no click is right, by name (with 3D Slicer)");
  AddConfig(*accept, asked);
  accept->callback([asked] { Accept(*asked); });
  CLI::App* reject =
      Add(review, asked, "reject",
          "no proposed click is right: nothing becomes final, and the study waits for a person's clicks");
  reject->add_option("job", asked->job, "its number")->required();
  reject->add_option("--operator", asked->reviewer, "pseudonym of who says so")->required();
  reject->add_option("--reason", asked->remark, "why, in a few words without patient data");
  AddConfig(*reject, asked);
  reject->callback([asked] { Reject(*asked); });
}

}  // namespace

void AddReviewCommand(CLI::App& app) {
  CLI::App* review = app.add_subcommand("review", "judge clicks that a program proposed, so that a result is final");
  review->require_subcommand(1);
  const auto asked = std::make_shared<ReviewRequest>();
  CLI::App* list = Add(*review, asked, "list", "preliminary results that wait for a person");
  list->add_flag("--json", asked->as_json, "print them as JSON");
  list->add_flag("--done", asked->lists_done, "those that were reviewed: by whom, when, what changed");
  list->callback([asked] { List(*asked); });
  CLI::App* out = Add(*review, asked, "export", "a page, and lists for 3D Slicer, to judge the clicks by");
  out->add_option("job", asked->job, "its number")->required();
  out->add_option("--out", asked->out, "a new or empty folder")->required()->check(IsPath);
  AddConfig(*out, asked);
  out->callback([asked] { Export(*asked); });
  CLI::App* show =
      Add(*review, asked, "show", "who reviewed the clicks of a job, when, and what became of each lesion's");
  show->add_option("job", asked->job, "its number")->required();
  show->add_flag("--json", asked->as_json, "print the reviews as JSON");
  show->callback([asked] { Show(*asked); });
  AddAnswers(*review, asked);
}

}  // namespace dinsd
