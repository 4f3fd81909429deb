#include "daemon/messages/problem.h"

#include <array>
#include <string_view>

#include "daemon/messages/message_fields.h"

namespace dinsd {
namespace {

constexpr std::size_t kMaxText = 2000;
constexpr std::array<std::string_view, 3> kVerdicts = {"rejected", "quarantined", "needs_prompts"};

std::string Cut(std::string text) {
  if (text.size() > kMaxText) text.resize(kMaxText);
  return text;
}

InputVerdict VerdictFrom(const std::string& word) {
  for (std::size_t i = 0; i < kVerdicts.size(); ++i) {
    if (kVerdicts.at(i) == word) return static_cast<InputVerdict>(i);
  }
  throw MessageError("problem.verdict is unknown");
}

void CheckCode(const std::string& code) {
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  if (code.empty() || code.find_first_not_of(kLetters) != std::string::npos) {
    throw MessageError("problem.code is no name of an error");
  }
}

}  // namespace

Problem ProblemOf(const InputError& error) {
  return {error.code(), Cut(error.file()), Cut(error.field()), Cut(error.what()), error.verdict()};
}

nlohmann::json ProblemToJson(const Problem& problem) {
  return {{"code", problem.code},
          {"file", Cut(problem.file)},
          {"field", Cut(problem.field)},
          {"sentence", Cut(problem.sentence)},
          {"verdict", kVerdicts.at(static_cast<std::size_t>(problem.verdict))}};
}

Problem ProblemFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "problem");
  Problem problem;
  problem.code = fields.String("code", 64);
  CheckCode(problem.code);
  problem.file = fields.String("file");
  problem.field = fields.String("field");
  problem.sentence = fields.String("sentence", 8192);
  problem.verdict = VerdictFrom(fields.String("verdict", 32));
  fields.Done();
  return problem;
}

}  // namespace dinsd
