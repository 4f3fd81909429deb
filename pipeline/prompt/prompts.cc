#include "pipeline/prompt/prompts.h"

#include <nlohmann/json.hpp>

#include "pipeline/prompt/prompt_words.h"
#include "pipeline/read/strict_json.h"

namespace dinsd {

extern const std::string_view kPromptsSchemaText;

namespace {

using nlohmann::json;

const JsonKind& PromptsKind() {
  static const JsonSchema schema(kPromptsSchemaText);
  static const JsonKind kind = {.schema = schema,
                                .bad_schema = "PROMPT_SCHEMA",
                                .not_finite = "PROMPT_NOT_FINITE",
                                .verdict = InputVerdict::kNeedsPrompts,
                                .shows_values = true};
  return kind;
}

// Members of a document that the schema has already checked.
template <typename T>
void Take(const json& object, const char* name, T& value) {
  if (const auto member = object.find(name); member != object.end()) member->get_to(value);
}

// An integer may be written as 3.0.
template <typename T>
void TakeInteger(const json& object, const char* name, std::optional<T>& value) {
  const auto member = object.find(name);
  if (member == object.end()) return;
  value = member->is_number_float() ? static_cast<T>(member->get<double>()) : member->get<T>();
}

PromptClick ClickFrom(const json& object) {
  PromptClick click;
  object.at("p").get_to(click.p);
  click.sign = object.at("sign") == "+" ? Polarity::kPositive : Polarity::kNegative;
  TakeInteger(object, "order", click.order);
  if (object.contains("status")) click.status = FromWord(kStatusWords, object.at("status").get<std::string>());
  if (object.contains("confidence")) click.confidence = object.at("confidence").get<double>();
  Take(object, "sopInstanceUID", click.sop_instance_uid);
  return click;
}

std::vector<PromptClick> ClicksFrom(const json& object, const char* name) {
  std::vector<PromptClick> clicks;
  if (!object.contains(name)) return clicks;
  for (const json& click : object.at(name)) clicks.push_back(ClickFrom(click));
  return clicks;
}

std::optional<PromptSigma> SigmaFrom(const json& object) {
  const auto member = object.find("sigma");
  if (member == object.end()) return std::nullopt;
  const auto zyx = member->at("zyx").get<std::array<double, 3>>();
  return PromptSigma{FromWord(kSigmaUnitWords, member->at("unit").get<std::string>()), {zyx[0], zyx[1], zyx[2]}};
}

PromptBox BoxFrom(const json& object) {
  PromptBox box{object.at("min").get<std::array<double, 3>>(), object.at("max").get<std::array<double, 3>>(), {}};
  TakeInteger(object, "clickBudget", box.click_budget);
  return box;
}

PromptPrior PriorFrom(const json& object) {
  PromptPrior prior;
  Take(object, "sopInstanceUID", prior.sop_instance_uid);
  TakeInteger(object, "segmentNumber", prior.segment_number);
  TakeInteger(object, "roiNumber", prior.roi_number);
  return prior;
}

PromptLesion LesionFrom(const json& object) {
  PromptLesion lesion;
  Take(object, "id", lesion.id);
  Take(object, "trackingUID", lesion.tracking_uid);
  Take(object, "type", lesion.type);
  Take(object, "depth", lesion.depth);
  Take(object, "laterality", lesion.laterality);
  if (const auto site = object.find("site"); site != object.end()) {
    lesion.site = PromptCode{site->at("value"), site->at("scheme"), site->at("meaning")};
  }
  lesion.clicks = ClicksFrom(object, "clicks");
  if (object.contains("box")) lesion.box = BoxFrom(object.at("box"));
  lesion.sigma = SigmaFrom(object);
  if (object.contains("prior")) lesion.prior = PriorFrom(object.at("prior"));
  return lesion;
}

GridGeometry GridFrom(const json& object) {
  GridGeometry grid;
  const auto size = object.at("size").get<std::array<double, 3>>();  // checked: integers that fit an int
  for (std::size_t axis = 0; axis < 3; ++axis) grid.size[axis] = static_cast<std::int64_t>(size[axis]);
  Take(object, "spacing", grid.spacing);
  Take(object, "origin", grid.origin);
  Take(object, "direction", grid.direction);
  return grid;
}

PromptImage ImageFrom(const json& object) {
  PromptImage image;
  Take(object, "studyInstanceUID", image.study_uid);
  Take(object, "seriesInstanceUID", image.series_uid);
  Take(object, "frameOfReferenceUID", image.frame_of_reference_uid);
  Take(object, "stackID", image.stack_id);
  Take(object, "sha256", image.sha256);
  if (object.contains("grid")) image.grid = GridFrom(object.at("grid"));
  return image;
}

PromptProvenance ProvenanceFrom(const json& object) {
  PromptProvenance provenance;
  Take(object, "source", provenance.source);
  Take(object, "created", provenance.created);
  Take(object, "tool", provenance.tool);
  Take(object, "toolVersion", provenance.tool_version);
  Take(object, "operator", provenance.operator_pseudonym);
  Take(object, "importedFrom", provenance.imported_from);
  Take(object, "remark", provenance.remark);
  TakeInteger(object, "rngSeed", provenance.rng_seed);
  return provenance;
}

// Of several files the newest is taken: one from the future would win for ever.
void CheckCreated(const std::string& created, const std::string& file, std::int64_t unix_now) {
  constexpr std::int64_t kMicrosecondsPerDay = std::int64_t{24} * 60 * 60 * 1'000'000;
  const std::int64_t time = *ParseDateTime(created);
  const std::int64_t day = time / kMicrosecondsPerDay - (time % kMicrosecondsPerDay < 0 ? 1 : 0);
  const std::string fault = FaultOfDay(day, unix_now);
  if (!fault.empty())
    RefuseJson(PromptsKind(), file, "/provenance/created", fault + ", is " + QuotedForMessage(created));
}

}  // namespace

Prompts ParsePrompts(std::span<const std::byte> bytes, const std::string& file, std::int64_t unix_now) {
  const json document = ParseStrictJson(bytes, file, PromptsKind());
  Prompts prompts;
  prompts.image = ImageFrom(document.at("image"));
  prompts.space = FromWord(kSpaceWords, document.at("space").get<std::string>());
  prompts.sigma = SigmaFrom(document);
  for (const json& lesion : document.at("lesions")) prompts.lesions.push_back(LesionFrom(lesion));
  prompts.background = ClicksFrom(document, "background");
  prompts.provenance = ProvenanceFrom(document.at("provenance"));
  CheckCreated(prompts.provenance.created, file, unix_now);
  CheckPrompts(prompts, file);
  return prompts;
}

}  // namespace dinsd
