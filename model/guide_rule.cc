#include "model/guide_rule.h"

#include <stdexcept>

#include "model/weights_error.h"

namespace dinsd {
namespace {

struct GuideWord {
  std::string_view word;
  GuideKind kind;
  bool is_half;
};

constexpr std::array<GuideWord, 7> kGuideWords = {{{"expdt", GuideKind::kExponential, false},
                                                   {"euclidean", GuideKind::kEuclidean, false},
                                                   {"euclidean-half", GuideKind::kEuclidean, true},
                                                   {"geodesic", GuideKind::kGeodesic, false},
                                                   {"geodesic-half", GuideKind::kGeodesic, true},
                                                   {"blend", GuideKind::kBlend, false},
                                                   {"blend-half", GuideKind::kBlend, true}}};

}  // namespace

std::string SigmaUnitWord(SigmaUnit unit) {
  for (const auto& [word, known] : kSigmaUnits) {
    if (known == unit) return std::string(word);
  }
  return {};
}

std::optional<SigmaUnit> SigmaUnitFrom(std::string_view word) {
  for (const auto& [known, unit] : kSigmaUnits) {
    if (known == word) return unit;
  }
  return std::nullopt;
}

bool IsLegal(const GuideSpread& spread) {
  const auto is_legal = [](double s) { return s >= 0.1 && s <= 1000; };
  return is_legal(spread.sigma.z) && is_legal(spread.sigma.y) && is_legal(spread.sigma.x);
}

std::optional<GuideRule> GuideRuleFrom(std::string_view word) {
  for (const GuideWord& known : kGuideWords) {
    if (known.word == word) return GuideRule{.kind = known.kind, .is_half = known.is_half};
  }
  return std::nullopt;
}

std::string GuideWords() {
  std::string words;
  for (const GuideWord& known : kGuideWords) words.append(words.empty() ? "" : ", ").append(known.word);
  return words;
}

GuideRule GuideRuleOf(const ModelManifest& manifest) {
  std::optional<GuideRule> rule = GuideRuleFrom(manifest.guide);
  if (!rule) throw std::invalid_argument("guide '" + manifest.guide + "' is none of " + GuideWords());
  rule->spread = {manifest.sigma, manifest.sigma_unit};
  rule->alpha = manifest.guide_alpha;
  rule->beta = manifest.guide_beta;
  rule->scale = manifest.guide_scale;
  return *rule;
}

void CheckGuide(const ModelManifest& manifest, const std::string& file, const std::string& asked, bool asks_sigma) {
  const auto refuse = [&](const std::string& why) { throw WeightsError("WEIGHTS_GUIDE", file, "guide", why); };
  if (!asked.empty() && !GuideRuleFrom(asked)) {
    refuse("guide '" + asked + "' was asked for, which is none of " + GuideWords());
  }
  if (!asked.empty() && asked != manifest.guide) {
    refuse("was trained with guide '" + manifest.guide + "', guide '" + asked + "' was asked for");
  }
  if (asks_sigma && GuideRuleOf(manifest).IsDistance()) {
    refuse("was trained with guide '" + manifest.guide + "', which has no sigma; a sigma was asked for");
  }
}

}  // namespace dinsd
