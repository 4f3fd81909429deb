#include "pipeline/prompt/prompt_space.h"

#include <utility>

namespace dinsd {

std::array<double, 3> LpsOf(const Prompts& prompts, const std::array<double, 3>& p) {
  switch (prompts.space) {
    case PromptSpace::kRasMm:
      return {-p[0], -p[1], p[2]};
    case PromptSpace::kVoxelIjk:
      return LpsFromIndex(prompts.image.grid.value(), p);
    case PromptSpace::kLpsMm:
      break;
  }
  return p;
}

std::array<double, 3> FromLps(const Prompts& prompts, const std::array<double, 3>& lps) {
  switch (prompts.space) {
    case PromptSpace::kRasMm:
      return {-lps[0], -lps[1], lps[2]};
    case PromptSpace::kVoxelIjk:
      return IndexFromLps(prompts.image.grid.value(), lps);
    case PromptSpace::kLpsMm:
      break;
  }
  return lps;
}

PromptLesion WithClicksInLps(const Prompts& prompts, PromptLesion lesion) {
  for (PromptClick& click : lesion.clicks) click.p = LpsOf(prompts, click.p);
  return lesion;
}

}  // namespace dinsd
