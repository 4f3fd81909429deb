#include <nlohmann/json.hpp>

#include "pipeline/prompt/prompt_words.h"
#include "pipeline/prompt/prompts.h"

namespace dinsd {
namespace {

using nlohmann::json;

void Put(json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

template <typename T>
void Put(json& object, const char* name, const std::optional<T>& value) {
  if (value) object[name] = *value;
}

json ToJson(const PromptClick& click) {
  json object = {{"p", click.p}, {"sign", click.sign == Polarity::kPositive ? "+" : "-"}};
  Put(object, "order", click.order);
  if (click.status != ClickStatus::kUnset) object["status"] = ToWord(kStatusWords, click.status);
  Put(object, "confidence", click.confidence);
  Put(object, "sopInstanceUID", click.sop_instance_uid);
  return object;
}

json ToJson(const std::vector<PromptClick>& clicks) {
  json array = json::array();
  for (const PromptClick& click : clicks) array.push_back(ToJson(click));
  return array;
}

json ToJson(const PromptSigma& sigma) {
  return {{"unit", ToWord(kSigmaUnitWords, sigma.unit)}, {"zyx", {sigma.zyx.z, sigma.zyx.y, sigma.zyx.x}}};
}

json ToJson(const PromptBox& box) {
  json object = {{"min", box.min}, {"max", box.max}};
  Put(object, "clickBudget", box.click_budget);
  return object;
}

json ToJson(const PromptPrior& prior) {
  json object = {{"sopInstanceUID", prior.sop_instance_uid}};
  Put(object, "segmentNumber", prior.segment_number);
  Put(object, "roiNumber", prior.roi_number);
  return object;
}

json ToJson(const PromptLesion& lesion) {
  json object = {{"id", lesion.id}};
  Put(object, "trackingUID", lesion.tracking_uid);
  Put(object, "type", lesion.type);
  Put(object, "depth", lesion.depth);
  Put(object, "laterality", lesion.laterality);
  if (lesion.site) {
    object["site"] = {
        {"value", lesion.site->value}, {"scheme", lesion.site->scheme}, {"meaning", lesion.site->meaning}};
  }
  if (!lesion.clicks.empty()) object["clicks"] = ToJson(lesion.clicks);
  if (lesion.box) object["box"] = ToJson(*lesion.box);
  if (lesion.sigma) object["sigma"] = ToJson(*lesion.sigma);
  if (lesion.prior) object["prior"] = ToJson(*lesion.prior);
  return object;
}

json ToJson(const PromptImage& image) {
  json object = json::object();
  Put(object, "studyInstanceUID", image.study_uid);
  Put(object, "seriesInstanceUID", image.series_uid);
  Put(object, "frameOfReferenceUID", image.frame_of_reference_uid);
  Put(object, "stackID", image.stack_id);
  Put(object, "sha256", image.sha256);
  if (image.grid) {
    object["grid"] = {{"size", image.grid->size},
                      {"spacing", image.grid->spacing},
                      {"origin", image.grid->origin},
                      {"direction", image.grid->direction}};
  }
  return object;
}

json ToJson(const PromptProvenance& provenance) {
  json object = {{"source", provenance.source}, {"created", provenance.created}};
  Put(object, "tool", provenance.tool);
  Put(object, "toolVersion", provenance.tool_version);
  Put(object, "operator", provenance.operator_pseudonym);
  Put(object, "importedFrom", provenance.imported_from);
  Put(object, "remark", provenance.remark);
  Put(object, "rngSeed", provenance.rng_seed);
  return object;
}

}  // namespace

json PromptsToJson(const Prompts& prompts) {
  json document = {{"schema", "dinsd-prompts/1"},
                   {"image", ToJson(prompts.image)},
                   {"space", ToWord(kSpaceWords, prompts.space)},
                   {"lesions", json::array()},
                   {"provenance", ToJson(prompts.provenance)}};
  for (const PromptLesion& lesion : prompts.lesions) document["lesions"].push_back(ToJson(lesion));
  if (!prompts.background.empty()) document["background"] = ToJson(prompts.background);
  if (prompts.sigma) document["sigma"] = ToJson(*prompts.sigma);
  return document;
}

}  // namespace dinsd
