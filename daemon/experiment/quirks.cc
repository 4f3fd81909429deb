#include "daemon/experiment/quirks.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace dinsd {
namespace {

constexpr std::array<std::pair<std::string_view, bool Quirks::*>, 5> kQuirks = {
    {{"float32-moments", &Quirks::single_precision_moments},
     {"sigma-image-voxels", &Quirks::sigma_in_image_voxels},
     {"skeleton-of-component", &Quirks::skeleton_of_component},
     {"boxes", &Quirks::boxes},
     {"erased-label", &Quirks::erases_between_boxes}}};

}  // namespace

bool IsQuirk(std::string_view word) {
  for (const auto& [known, field] : kQuirks) {
    if (word == known) return true;
  }
  return false;
}

std::string QuirkWords() {
  std::string words;
  for (const auto& [known, field] : kQuirks) words.append(words.empty() ? "" : ", ").append(known);
  return words;
}

Quirks QuirksFrom(const std::vector<std::string>& words) {
  Quirks quirks;
  for (const std::string& word : words) {
    if (!IsQuirk(word)) throw std::invalid_argument("'" + word + "' is none of " + QuirkWords());
    for (const auto& [known, field] : kQuirks) {
      if (word == known) quirks.*field = true;
    }
  }
  quirks.boxes = quirks.boxes || quirks.erases_between_boxes;
  return quirks;
}

std::vector<std::string> WordsOf(const Quirks& quirks) {
  std::vector<std::string> words;
  for (const auto& [word, field] : kQuirks) {
    if (quirks.*field) words.emplace_back(word);
  }
  return words;
}

}  // namespace dinsd
