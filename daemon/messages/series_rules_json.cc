#include "daemon/messages/series_rules_json.h"

#include <array>

#include "daemon/messages/message_fields.h"
#include "pipeline/read/word_pattern.h"

namespace dinsd {
namespace {

constexpr std::size_t kMostWords = 100;
constexpr std::size_t kLongest = 4096;

struct PatternField {
  const char* name;
  std::string SeriesRule::*field;
};

constexpr std::array<PatternField, 12> kPatterns = {{{"modality", &SeriesRule::modality},
                                                     {"sop_class", &SeriesRule::sop_class},
                                                     {"description", &SeriesRule::description},
                                                     {"not_description", &SeriesRule::not_description},
                                                     {"protocol", &SeriesRule::protocol},
                                                     {"not_protocol", &SeriesRule::not_protocol},
                                                     {"sequence", &SeriesRule::sequence},
                                                     {"acquisition_type", &SeriesRule::acquisition_type},
                                                     {"image_type", &SeriesRule::image_type},
                                                     {"not_image_type", &SeriesRule::not_image_type},
                                                     {"body_part", &SeriesRule::body_part},
                                                     {"volume", &SeriesRule::volume}}};

struct LimitField {
  const char* name;
  double SeriesRule::*field;
};

constexpr std::array<LimitField, 4> kLimits = {{{"min_inversion_time_ms", &SeriesRule::min_inversion_time_ms},
                                                {"max_inversion_time_ms", &SeriesRule::max_inversion_time_ms},
                                                {"min_thickness_mm", &SeriesRule::min_thickness_mm},
                                                {"max_thickness_mm", &SeriesRule::max_thickness_mm}}};

nlohmann::json RuleToJson(const SeriesRule& rule) {
  nlohmann::json json = {{"name", rule.name},
                         {"scanning_sequence", rule.scanning_sequence},
                         {"composed", static_cast<int>(rule.composed)},
                         {"orientation", static_cast<int>(rule.orientation)},
                         {"min_slices", rule.min_slices},
                         {"max_slices", rule.max_slices}};
  for (const PatternField& pattern : kPatterns) json[pattern.name] = rule.*pattern.field;
  for (const LimitField& limit : kLimits) json[limit.name] = rule.*limit.field;
  return json;
}

SeriesRule RuleFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "series rule");
  SeriesRule rule;
  rule.name = fields.String("name", kLongest);
  rule.scanning_sequence = fields.Strings("scanning_sequence", kMostWords);
  rule.composed = static_cast<YesOrNo>(fields.Integer("composed", 0, static_cast<int>(YesOrNo::kNo)));
  rule.orientation =
      static_cast<SliceOrientation>(fields.Integer("orientation", 0, static_cast<int>(SliceOrientation::kSagittal)));
  rule.min_slices = static_cast<int>(fields.Integer("min_slices", 0, SeriesRule::kMostSlices));
  rule.max_slices = static_cast<int>(fields.Integer("max_slices", 0, SeriesRule::kMostSlices));
  for (const PatternField& pattern : kPatterns) {
    rule.*pattern.field = fields.String(pattern.name, kLongest);
    if (!IsWordPattern(rule.*pattern.field)) throw MessageError(std::string(pattern.name) + " is no pattern");
  }
  for (const LimitField& limit : kLimits) rule.*limit.field = fields.Number(limit.name, 0, SeriesRule::kNoLimit);
  fields.Done();
  return rule;
}

}  // namespace

nlohmann::json SeriesRulesToJson(const std::vector<SeriesRule>& rules) {
  nlohmann::json list = nlohmann::json::array();
  for (const SeriesRule& rule : rules) list.push_back(RuleToJson(rule));
  return list;
}

std::vector<SeriesRule> SeriesRulesFromJson(const nlohmann::json& list) {
  std::vector<SeriesRule> rules;
  for (const nlohmann::json& json : list) rules.push_back(RuleFromJson(json));
  return rules;
}

}  // namespace dinsd
