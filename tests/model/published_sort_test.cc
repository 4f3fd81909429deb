#include "model/published_sort.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/random.h"

namespace dinsd {
namespace {

TEST(PublishedArgsort, SortsAnyNumbers) {
  TestRandom random(23);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> values(static_cast<std::size_t>(random.Below(300)));
    for (auto& v : values) v = random.Below(40);
    const auto order = PublishedArgsort(values);
    ASSERT_EQ(order.size(), values.size());
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end(),
                               [&](std::size_t a, std::size_t b) { return values[a] < values[b]; }));
    std::vector<std::size_t> places = order;
    std::sort(places.begin(), places.end());
    for (std::size_t i = 0; i < places.size(); ++i) ASSERT_EQ(places[i], i);
  }
}

TEST(PublishedArgsort, KeepsTheOrderOfFewEqualValues) {
  EXPECT_THAT(PublishedArgsort(std::vector<std::int64_t>{5, 1, 5, 1}), testing::ElementsAre(1, 3, 0, 2));
}

}  // namespace
}  // namespace dinsd
