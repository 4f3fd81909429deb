#include "config/suggestion.h"

#include <gtest/gtest.h>

namespace dinsd {
namespace {

TEST(EditDistance, CountsLettersChangedAddedLeftOutAndSwapped) {
  EXPECT_EQ(EditDistance("lease", "lease"), 0U);
  EXPECT_EQ(EditDistance("leese", "lease"), 1U);
  EXPECT_EQ(EditDistance("leas", "lease"), 1U);
  EXPECT_EQ(EditDistance("leasse", "lease"), 1U);
  EXPECT_EQ(EditDistance("laese", "lease"), 1U);
  EXPECT_EQ(EditDistance("", "lease"), 5U);
}

TEST(NearestWord, IsTheNearestThatIsASlipOfTheHand) {
  EXPECT_EQ(NearestWord("thread", {"devices", "threads"}), "threads");
  EXPECT_EQ(NearestWord("colour", {"devices", "threads"}), std::nullopt);
}

}  // namespace
}  // namespace dinsd
