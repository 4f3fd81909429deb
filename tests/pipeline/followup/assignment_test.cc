#include "pipeline/followup/assignment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tests/random.h"

namespace dinsd {
namespace {

// The number of pairs and the sum of costs.
using Worth = std::pair<int, double>;

Worth WorthOf(const std::vector<double>& costs, std::size_t columns,
              const std::vector<std::optional<std::size_t>>& chosen) {
  Worth worth{0, 0};
  for (std::size_t r = 0; r < chosen.size(); ++r) {
    if (!chosen[r]) continue;
    ++worth.first;
    worth.second += costs[r * columns + *chosen[r]];
  }
  return worth;
}

bool IsBetter(const Worth& a, const Worth& b) {
  return a.first != b.first ? a.first > b.first : a.second < b.second;
}

// Every way to give row `r` and those after it a column or none.
void TryAll(const std::vector<double>& costs, std::size_t columns, std::size_t r,
            std::vector<std::optional<std::size_t>>& chosen, Worth& best) {
  if (r == chosen.size()) {
    const Worth worth = WorthOf(costs, columns, chosen);
    if (IsBetter(worth, best)) best = worth;
    return;
  }
  chosen[r].reset();
  TryAll(costs, columns, r + 1, chosen, best);
  for (std::size_t c = 0; c < columns; ++c) {
    const bool is_taken = std::any_of(chosen.begin(), chosen.begin() + static_cast<std::ptrdiff_t>(r),
                                      [&](const auto& other) { return other == c; });
    if (is_taken || costs[r * columns + c] == kForbidden) continue;
    chosen[r] = c;
    TryAll(costs, columns, r + 1, chosen, best);
  }
  chosen[r].reset();
}

TEST(AssignTest, IsAsGoodAsTheBestOfAllPairings) {
  TestRandom random(20261129);
  for (int round = 0; round < 300; ++round) {
    const auto rows = static_cast<std::size_t>(random.Below(6));
    const auto columns = static_cast<std::size_t>(random.Below(6));
    std::vector<double> costs(rows * columns);
    for (double& cost : costs) cost = random.Below(3) == 0 ? kForbidden : static_cast<double>(random.Below(1000)) / 100;
    std::vector<std::optional<std::size_t>> tried(rows);
    Worth best{-1, 0};
    TryAll(costs, columns, 0, tried, best);
    const Worth found = WorthOf(costs, columns, Assign(costs, rows, columns));
    ASSERT_EQ(found.first, best.first) << "round " << round;
    ASSERT_NEAR(found.second, best.second, 1e-9) << "round " << round;
  }
}

TEST(AssignTest, GivesNoColumnTwiceAndNothingThatIsForbidden) {
  const std::vector<double> costs = {1, kForbidden, 1, kForbidden, kForbidden, kForbidden};
  const auto chosen = Assign(costs, 3, 2);
  EXPECT_EQ(chosen[0].has_value() + chosen[1].has_value(), 1);
  EXPECT_FALSE(chosen[2].has_value());
}

TEST(AssignTest, RefusesCostsThatAreNone) {
  EXPECT_THROW((void)Assign({1}, 1, 2), std::invalid_argument);
  EXPECT_THROW((void)Assign({-1}, 1, 1), std::invalid_argument);
  EXPECT_THROW((void)Assign({std::numeric_limits<double>::quiet_NaN()}, 1, 1), std::invalid_argument);
  EXPECT_TRUE(Assign({}, 0, 3).empty());
}

}  // namespace
}  // namespace dinsd
