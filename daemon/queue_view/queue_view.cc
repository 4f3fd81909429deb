#include "daemon/queue_view/queue_view.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>
#include <vector>

#include "daemon/control/control_server.h"
#include "daemon/queue_view/view_text.h"

namespace dinsd {
namespace {

std::string CountsInWords(const nlohmann::json& answer) {
  std::string words;
  for (const auto& [state, count] : answer.at("counts").items()) {
    if (count != 0) words += (words.empty() ? "" : ", ") + count.dump() + " " + state;
  }
  const std::string sending = SendCountsInWords(answer.value("outbox", nlohmann::json::object()));
  const std::string mode = answer.at("mode").get<std::string>();
  const std::string notice = answer.value("notice", "");
  return (words.empty() ? "no jobs" : words) + (mode == "open" ? "" : " (" + mode + ")") +
         (sending.empty() ? "" : "\nsending: " + sending) +
         (notice.empty() ? "" : "\nATTENTION: " + ViewText(answer, "notice"));
}

std::string CodeOf(const nlohmann::json& job) {
  if (job.contains("duplicate_of")) return "same as job " + job.at("duplicate_of").dump();
  return job.contains("reason") ? ViewText(job.at("reason"), "code") : "";
}

// "CODE: file [field]: sentence", as a reader's sentence is already.
std::string ReasonInWords(const nlohmann::json& reason) {
  const std::string code = ViewText(reason, "code");
  const std::string field = ViewText(reason, "field");
  const std::string place = ViewText(reason, "file") + (field.empty() ? "" : " [" + field + "]");
  const std::string sentence = ViewText(reason, "sentence");
  if (sentence.starts_with(code + ":")) return sentence;
  return code + ": " + (place.empty() ? "" : place + ": ") + sentence;
}

// "; pacs: sent; archive: published-unconfirmed"
std::string SentInWords(const nlohmann::json& result) {
  std::string words;
  for (const nlohmann::json& sent : result.value("sent", nlohmann::json::array())) {
    words += (words.empty() ? "  " : "; ") + ViewText(sent, "destination") + ": " +
             SendStateInWords(ViewText(sent, "state"));
  }
  return words;
}

std::string TimeInWords(const nlohmann::json& seconds) {
  if (!seconds.is_number()) return "";
  const auto left = static_cast<long>(seconds.get<double>());
  return left >= 90 ? std::to_string((left + 30) / 60) + " min left" : std::to_string(left) + " s left";
}

}  // namespace

std::string ListInWords(const nlohmann::json& answer) {
  std::vector<std::vector<std::string>> rows = {{"JOB", "STATE", "REV", "LANE", "CHANGED", "REASON", "PATH"}};
  for (const nlohmann::json& job : answer.at("jobs")) {
    rows.push_back({ViewText(job, "job"), ViewText(job, "state"), ViewText(job, "revision"), ViewText(job, "lane"),
                    ViewText(job, "changed"), CodeOf(job), ViewText(job, "path")});
  }
  return ViewTable(rows) + CountsInWords(answer) + "\n";
}

std::string JobInWords(const nlohmann::json& job) {
  std::string words = "job " + ViewText(job, "job") + " is " + ViewText(job, "state") + "\n";
  for (const char* name : {"path", "lane", "revision", "model", "patient", "study_date", "attempt", "error_count",
                           "crash_count", "created", "changed"}) {
    words += "  " + std::string(name) + ": " + ViewText(job, name) + "\n";
  }
  if (job.contains("reason")) words += "  reason: " + ReasonInWords(job.at("reason")) + "\n";
  if (job.contains("duplicate_of")) words += "  the same as job " + job.at("duplicate_of").dump() + "\n";
  words += "journal\n";
  for (const nlohmann::json& line : job.at("journal")) {
    words += "  " + ViewText(line, "at") + "  " + ViewText(line, "who") + "  " + ViewText(line, "what") + "  " +
             ViewText(line, "reason") + "\n";
  }
  words += "results\n";
  for (const nlohmann::json& result : job.at("results")) {
    words += "  " + ViewText(result, "folder") + "  " + ViewText(result, "published") + SentInWords(result) + "\n";
  }
  return words;
}

std::string AnswerInWords(const nlohmann::json& answer) {
  if (answer.contains("mode")) return "the queue is " + ViewText(answer, "mode") + "\n";
  const std::string job = "job " + answer.at("job").dump();
  return answer.contains("state") ? job + " is " + ViewText(answer, "state") + "\n" : job + "\n";
}

std::string RemeasureInWords(const nlohmann::json& answer) {
  const nlohmann::json& found = answer.at("measured_otherwise");
  if (found.empty()) return "every result was measured as this daemon would measure it now\n";
  std::vector<std::vector<std::string>> rows = {{"JOB", "REV", "WEIGHTS", "STUDY", ""}};
  for (const nlohmann::json& one : found) {
    rows.push_back({ViewText(one, "job"), ViewText(one, "revision"), ViewText(one, "weights_sha256").substr(0, 12),
                    ViewText(one, "study"), ViewText(one, "obstacle")});
  }
  return ViewTable(rows) + answer.at("queued").dump() + " of " + std::to_string(found.size()) + " queued again\n";
}

std::string RunningInWords(const nlohmann::json& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const nlohmann::json& job : answer.at("jobs")) {
    const nlohmann::json& progress = job.at("progress");
    const int percent = static_cast<int>(progress.at("share").get<double>() * 100);
    rows.push_back({"job " + ViewText(job, "job"), std::to_string(percent) + " %", ViewText(progress, "stage"),
                    TimeInWords(progress.at("seconds_left")), ViewText(job, "study")});
  }
  return (rows.empty() ? std::string("nothing is running\n") : ViewTable(rows)) + CountsInWords(answer) + "\n";
}

void WatchQueue(const std::filesystem::path& socket, double seconds, bool is_terminal) {
  const nlohmann::json request = {{"command", "list"}, {"states", {"running"}}, {"after", 0}, {"limit", 100}};
  std::string last;
  for (;;) {
    const std::string words = RunningInWords(AskDaemon(socket, request));
    if (is_terminal) std::cout << "\x1b[H\x1b[2J" << words << std::flush;
    if (!is_terminal && words != last) std::cout << words << std::flush;
    last = words;
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }
}

}  // namespace dinsd
