#include "daemon/queue_view/queue_view.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>
#include <vector>

#include "daemon/control/control_server.h"

namespace dinsd {
namespace {

std::string Printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

std::string Text(const nlohmann::json& object, const char* name) {
  const nlohmann::json& value = object.at(name);
  return Printable(value.is_string() ? value.get<std::string>() : value.dump());
}

// Columns as wide as their widest cell, two blanks between.
std::string Table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
  }
  std::string table;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) line += row[c] + std::string(widths[c] - row[c].size() + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

std::string CountsInWords(const nlohmann::json& answer) {
  std::string words;
  for (const auto& [state, count] : answer.at("counts").items()) {
    if (count != 0) words += (words.empty() ? "" : ", ") + count.dump() + " " + state;
  }
  const std::string mode = answer.at("mode").get<std::string>();
  const std::string notice = answer.value("notice", "");
  return (words.empty() ? "no jobs" : words) + (mode == "open" ? "" : " (" + mode + ")") +
         (notice.empty() ? "" : "\nATTENTION: " + Printable(notice));
}

std::string CodeOf(const nlohmann::json& job) {
  if (job.contains("duplicate_of")) return "same as job " + job.at("duplicate_of").dump();
  return job.contains("reason") ? Text(job.at("reason"), "code") : "";
}

// "CODE: file [field]: sentence", as a reader's sentence is already.
std::string ReasonInWords(const nlohmann::json& reason) {
  const std::string code = Text(reason, "code");
  const std::string field = Text(reason, "field");
  const std::string place = Text(reason, "file") + (field.empty() ? "" : " [" + field + "]");
  const std::string sentence = Text(reason, "sentence");
  if (sentence.starts_with(code + ":")) return sentence;
  return code + ": " + (place.empty() ? "" : place + ": ") + sentence;
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
    rows.push_back({Text(job, "job"), Text(job, "state"), Text(job, "revision"), Text(job, "lane"),
                    Text(job, "changed"), CodeOf(job), Text(job, "path")});
  }
  return Table(rows) + CountsInWords(answer) + "\n";
}

std::string JobInWords(const nlohmann::json& job) {
  std::string words = "job " + Text(job, "job") + " is " + Text(job, "state") + "\n";
  for (const char* name : {"path", "lane", "revision", "model", "patient", "study_date", "attempt", "error_count",
                           "crash_count", "created", "changed"}) {
    words += "  " + std::string(name) + ": " + Text(job, name) + "\n";
  }
  if (job.contains("reason")) words += "  reason: " + ReasonInWords(job.at("reason")) + "\n";
  if (job.contains("duplicate_of")) words += "  the same as job " + job.at("duplicate_of").dump() + "\n";
  words += "journal\n";
  for (const nlohmann::json& line : job.at("journal")) {
    words += "  " + Text(line, "at") + "  " + Text(line, "who") + "  " + Text(line, "what") + "  " +
             Text(line, "reason") + "\n";
  }
  words += "results\n";
  for (const nlohmann::json& result : job.at("results")) {
    words += "  " + Text(result, "folder") + "  " + Text(result, "published") + "\n";
  }
  return words;
}

std::string AnswerInWords(const nlohmann::json& answer) {
  if (answer.contains("mode")) return "the queue is " + Text(answer, "mode") + "\n";
  const std::string job = "job " + answer.at("job").dump();
  return answer.contains("state") ? job + " is " + Text(answer, "state") + "\n" : job + "\n";
}

std::string RunningInWords(const nlohmann::json& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const nlohmann::json& job : answer.at("jobs")) {
    const nlohmann::json& progress = job.at("progress");
    const int percent = static_cast<int>(progress.at("share").get<double>() * 100);
    rows.push_back({"job " + Text(job, "job"), std::to_string(percent) + " %", Text(progress, "stage"),
                    TimeInWords(progress.at("seconds_left")), Text(job, "study")});
  }
  return (rows.empty() ? std::string("nothing is running\n") : Table(rows)) + CountsInWords(answer) + "\n";
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
