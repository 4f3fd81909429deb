#include <string>
#include <vector>

#include "daemon/queue_view/queue_view.h"
#include "daemon/queue_view/view_text.h"

namespace dinsd {
namespace {

std::string Why(const nlohmann::json& entry) {
  const std::string code = ViewText(entry, "code");
  return code.empty() ? "" : code + ": " + ViewText(entry, "sentence");
}

// A destination that is well needs no line.
std::string DestinationInWords(const nlohmann::json& destination) {
  if (destination.at("failures") == 0) return "";
  std::string words = "ATTENTION: " + ViewText(destination, "name") + " was not reached " +
                      ViewText(destination, "failures") + " times";
  if (destination.at("is_open") == true) words += ", a single attempt is made from time to time";
  return words + "; next not before " + ViewText(destination, "not_before") + ": " + ViewText(destination, "sentence") +
         "\n";
}

}  // namespace

std::string OutboxInWords(const nlohmann::json& answer) {
  std::vector<std::vector<std::string>> rows = {
      {"JOB", "REV", "DESTINATION", "STATE", "ATTEMPT", "CHANGED", "NEXT", "REASON"}};
  for (const nlohmann::json& entry : answer.at("entries")) {
    rows.push_back({ViewText(entry, "job"), ViewText(entry, "revision"), ViewText(entry, "destination"),
                    SendStateInWords(ViewText(entry, "state")), ViewText(entry, "attempt"), ViewText(entry, "changed"),
                    ViewText(entry, "next"), Why(entry)});
  }
  std::string words = ViewTable(rows);
  for (const nlohmann::json& destination : answer.at("destinations")) words += DestinationInWords(destination);
  return words;
}

std::string OutboxAnswerInWords(const nlohmann::json& answer) {
  return "job " + answer.at("job").dump() + " is sent as soon as its destination may have it: see `dins outbox list`\n";
}

std::string SendCountsInWords(const nlohmann::json& counts) {
  std::string words;
  for (const char* state : {"pending", "sending", "unconfirmed", "failed"}) {
    if (!counts.contains(state)) continue;
    words += (words.empty() ? "" : ", ") + counts.at(state).dump() + " " + SendStateInWords(state);
  }
  return words;
}

std::string SendStateInWords(const std::string& state) {
  return state == "unconfirmed" ? "published-unconfirmed" : state;
}

}  // namespace dinsd
