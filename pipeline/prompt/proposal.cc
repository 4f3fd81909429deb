#include "pipeline/prompt/proposal.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "pipeline/read/digest.h"
#include "pipeline/read/input_error.h"

namespace dinsd {
namespace {

constexpr std::string_view kAnswer = "proposal ";
constexpr std::string_view kMark = "dinsd proposal ";
constexpr std::string_view kClick = " click ";

constexpr std::size_t kDigestLength = 64;  // of a SHA-256 in hex

bool IsRejectedClick(const PromptClick& click) {
  return click.status == ClickStatus::kRejected;
}

bool IsDigest(std::string_view word) {
  return word.size() == kDigestLength && word.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<int> NumberIn(std::string_view digits) {
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string ProposalDigest(std::span<const std::byte> prompts_json) {
  const auto* const text = reinterpret_cast<const char*>(prompts_json.data());
  nlohmann::json prompts = nlohmann::json::parse(text, text + prompts_json.size(), nullptr, false);
  if (!prompts.is_object())
    throw InputError("PROMPT_SCHEMA", "prompts.json", "", "is no JSON object", InputVerdict::kNeedsPrompts);
  prompts.erase("provenance");
  const std::string canonical = prompts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return Sha256Hex(std::as_bytes(std::span(canonical)));
}

std::string AnswerTo(const std::string& proposal_sha256) {
  std::string words(kAnswer);
  return words.append(proposal_sha256);
}

std::optional<std::string> AnsweredProposal(const PromptProvenance& provenance) {
  if (provenance.imported_from.starts_with(kAnswer)) return provenance.imported_from.substr(kAnswer.size());
  return provenance.tool == kReviewTool ? std::optional<std::string>("") : std::nullopt;
}

bool IsRejected(const PromptLesion& lesion) {
  return !lesion.clicks.empty() && std::all_of(lesion.clicks.begin(), lesion.clicks.end(), IsRejectedClick);
}

std::optional<PromptBox> BoxThatCounts(const PromptLesion& lesion, const PromptProvenance& provenance) {
  return IsRejected(lesion) && AnsweredProposal(provenance) ? std::nullopt : lesion.box;
}

bool IsRejection(const Prompts& prompts) {
  if (!AnsweredProposal(prompts.provenance) || prompts.lesions.empty()) return false;
  return std::all_of(prompts.lesions.begin(), prompts.lesions.end(), IsRejected) &&
         std::all_of(prompts.background.begin(), prompts.background.end(), IsRejectedClick);
}

void RefuseRejection(const Prompts& prompts, const std::string& file) {
  if (!IsRejection(prompts)) return;
  const PromptProvenance& by = prompts.provenance;
  std::string why = by.operator_pseudonym.empty() ? "somebody" : by.operator_pseudonym;
  why.append(" said on ").append(by.created.substr(0, 10)).append(" that no proposed click is right");
  if (!by.remark.empty()) why.append(": ").append(by.remark);
  throw InputError("REVIEW_REJECTED", file, "", why + ". It waits for a person's clicks", InputVerdict::kNeedsPrompts);
}

std::string MarkInWords(const ProposalMark& mark) {
  std::string words(kMark);
  words += mark.proposal_sha256;
  if (mark.order) words.append(kClick).append(std::to_string(*mark.order));
  return words;
}

std::optional<ProposalMark> MarkIn(const std::string& description) {
  if (!description.starts_with(kMark)) return std::nullopt;
  const std::string_view words = std::string_view(description).substr(kMark.size());
  const std::size_t space = words.find(' ');
  if (!IsDigest(words.substr(0, space))) return std::nullopt;
  ProposalMark mark{std::string(words.substr(0, space)), std::nullopt};
  if (space != std::string_view::npos && words.substr(space).starts_with(kClick))
    mark.order = NumberIn(words.substr(space + kClick.size()));
  return mark;
}

}  // namespace dinsd
