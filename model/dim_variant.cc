#include "model/dim_variant.h"

#include <array>
#include <utility>

namespace dinsd {
namespace {

constexpr int kBridge = 5;

constexpr std::array<std::pair<std::string_view, DimVariant>, 10> kWords = {{{"both", DimVariant::kBoth},
                                                                             {"input", DimVariant::kInput},
                                                                             {"highest", DimVariant::kHighest},
                                                                             {"none", DimVariant::kNone},
                                                                             {"v2", DimVariant::kV2},
                                                                             {"level-1", DimVariant::kLevel1},
                                                                             {"level-2", DimVariant::kLevel2},
                                                                             {"level-3", DimVariant::kLevel3},
                                                                             {"level-4", DimVariant::kLevel4},
                                                                             {"level-5", DimVariant::kLevel5}}};

}  // namespace

std::string DimWord(DimVariant variant) {
  for (const auto& [word, known] : kWords) {
    if (known == variant) return std::string(word);
  }
  return {};
}

std::optional<DimVariant> DimVariantFrom(std::string_view word) {
  for (const auto& [known, variant] : kWords) {
    if (known == word) return variant;
  }
  return std::nullopt;
}

std::string DimWords() {
  std::string words;
  for (const auto& [word, variant] : kWords) words.append(words.empty() ? "" : ", ").append(word);
  return words;
}

bool HasGuideInput(DimVariant variant) {
  return variant != DimVariant::kHighest && variant != DimVariant::kNone;
}

std::optional<int> GuidedLevel(DimVariant variant) {
  switch (variant) {
    case DimVariant::kInput:
    case DimVariant::kNone:
      return std::nullopt;
    case DimVariant::kLevel1:
      return 1;
    case DimVariant::kLevel2:
      return 2;
    case DimVariant::kLevel3:
      return 3;
    case DimVariant::kLevel4:
      return 4;
    default:
      return kBridge;
  }
}

}  // namespace dinsd
