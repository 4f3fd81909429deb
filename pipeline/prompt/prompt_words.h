#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/prompt/prompts.h"

namespace dinsd {

/// The words of dinsd-prompts/1 for our enumerations.
template <typename Enum, std::size_t kCount>
using PromptWords = std::array<std::pair<std::string_view, Enum>, kCount>;

inline constexpr PromptWords<PromptSpace, 3> kSpaceWords = {
    {{"LPS-mm", PromptSpace::kLpsMm}, {"RAS-mm", PromptSpace::kRasMm}, {"voxel-ijk", PromptSpace::kVoxelIjk}}};
inline constexpr PromptWords<SigmaUnit, 3> kSigmaUnitWords = {
    {{"image-voxel", SigmaUnit::kImageVoxel}, {"network-voxel", SigmaUnit::kNetworkVoxel}, {"mm", SigmaUnit::kMm}}};
inline constexpr PromptWords<ClickStatus, 3> kStatusWords = {
    {{"verified", ClickStatus::kVerified}, {"proposed", ClickStatus::kProposed}, {"rejected", ClickStatus::kRejected}}};

/// The meaning of a word that the schema has let through.
template <typename Enum, std::size_t kCount>
[[nodiscard]] Enum FromWord(const PromptWords<Enum, kCount>& words, std::string_view word) {
  for (const auto& [known, meaning] : words) {
    if (known == word) return meaning;
  }
  throw std::logic_error("a word of the schema that the code does not know: " + std::string(word));
}

template <typename Enum, std::size_t kCount>
[[nodiscard]] std::string ToWord(const PromptWords<Enum, kCount>& words, Enum meaning) {
  for (const auto& [word, known] : words) {
    if (known == meaning) return std::string(word);
  }
  throw std::logic_error("a value without a word in the schema");
}

}  // namespace dinsd
