#pragma once

#include <optional>
#include <span>
#include <vector>

namespace dinsd {

/// How many clicks an interaction took to reach a target; where it did not, it is known only that `clicks` were not
/// enough.
struct ClicksToTarget {
  int clicks = 0;
  bool is_reached = false;

  friend bool operator==(const ClicksToTarget&, const ClicksToTarget&) = default;
};

/// `dice[k]` is the DSC after click k + 1. The first click with a DSC of at least `target`; else all of them, not
/// reached.
[[nodiscard]] ClicksToTarget FindClicksToTarget(std::span<const double> dice, double target);

/// Area under DSC over clicks, by trapezoids from click 1 to the last, divided by its width: in [0, 1]. One click: its
/// DSC. Throws std::invalid_argument without a click.
[[nodiscard]] double AreaUnderDice(std::span<const double> dice);

/// After `clicks` clicks: how many interactions were still short of the target before that click, how many reached it
/// at this click, and the estimated share that is still short of it.
struct SurvivalStep {
  int clicks = 0;
  int at_risk = 0;
  int reached = 0;
  double short_of_target = 1;
};

struct ClickSurvival {
  std::vector<SurvivalStep> steps;  // clicks 1 to the budget
  std::optional<int> median;        // first click after which at most half are short of the target; nothing if never
  double restricted_mean = 0;       // mean of clicks to target, clicks beyond the budget counted as the budget
  int reached = 0;
  int total = 0;
};

/// Kaplan and Meier's estimate of clicks to target (Journal of the American Statistical Association 53, 1958): an
/// interaction that ended short of it is censored at its last click. The restricted mean is the area under the curve
/// from 0 to `budget`. Throws std::invalid_argument without an interaction, for a budget under 1 or clicks out of 1 to
/// budget.
[[nodiscard]] ClickSurvival EstimateSurvival(std::span<const ClicksToTarget> interactions, int budget);

}  // namespace dinsd
