#include "pipeline/evaluate/click_curve.h"

#include <algorithm>
#include <stdexcept>

namespace dinsd {
namespace {

SurvivalStep StepAt(std::span<const ClicksToTarget> interactions, int clicks, double short_before) {
  SurvivalStep step{clicks, 0, 0, short_before};
  for (const ClicksToTarget& interaction : interactions) {
    step.at_risk += interaction.clicks >= clicks ? 1 : 0;
    step.reached += interaction.is_reached && interaction.clicks == clicks ? 1 : 0;
  }
  if (step.at_risk > 0) step.short_of_target *= 1 - static_cast<double>(step.reached) / step.at_risk;
  return step;
}

void Check(std::span<const ClicksToTarget> interactions, int budget) {
  if (interactions.empty()) throw std::invalid_argument("survival: there is no interaction");
  if (budget < 1) throw std::invalid_argument("survival: the budget is at least one click");
  for (const ClicksToTarget& interaction : interactions) {
    if (interaction.clicks < 1 || interaction.clicks > budget)
      throw std::invalid_argument("survival: clicks lie between 1 and the budget");
  }
}

}  // namespace

ClicksToTarget FindClicksToTarget(std::span<const double> dice, double target) {
  const auto found = std::find_if(dice.begin(), dice.end(), [&](double d) { return d >= target; });
  if (found == dice.end()) return {static_cast<int>(dice.size()), false};
  return {static_cast<int>(found - dice.begin()) + 1, true};
}

double AreaUnderDice(std::span<const double> dice) {
  if (dice.empty()) throw std::invalid_argument("area under DSC: there is no click");
  if (dice.size() == 1) return dice[0];
  double area = 0;
  for (std::size_t k = 1; k < dice.size(); ++k) area += (dice[k - 1] + dice[k]) / 2;
  return area / static_cast<double>(dice.size() - 1);
}

ClickSurvival EstimateSurvival(std::span<const ClicksToTarget> interactions, int budget) {
  Check(interactions, budget);
  ClickSurvival survival;
  survival.total = static_cast<int>(interactions.size());
  double short_of_target = 1;
  for (int clicks = 1; clicks <= budget; ++clicks) {
    survival.restricted_mean += short_of_target;
    const SurvivalStep step = StepAt(interactions, clicks, short_of_target);
    short_of_target = step.short_of_target;
    survival.reached += step.reached;
    // A hair of rounding must not move the median: 1 - 1/3 - ... may come out just above a half.
    if (!survival.median && short_of_target <= 0.5 + 1e-12) survival.median = clicks;
    survival.steps.push_back(step);
  }
  return survival;
}

}  // namespace dinsd
