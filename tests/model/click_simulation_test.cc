#include "model/click_simulation.h"

#include <gtest/gtest.h>

#include "tests/gpu/fixture.h"

namespace dinsd {
namespace {

using Mask = std::vector<std::uint8_t>;

TEST(NextClick, EqualsThePublishedCodeOnItsFixtures) {
  DINSD_REQUIRE_DATA("dins_reference/clicks");
  const Fixture fixture("clicks");
  for (const auto& a_case : fixture.cases()) {
    SCOPED_TRACE(a_case.at("name").get<std::string>());
    const NpyArray label = fixture.Array(a_case, "label");
    std::vector<Index3> earlier;
    for (const auto& v : a_case.at("earlier_clicks_zyx")) earlier.push_back({v[0], v[1], v[2]});
    const auto click =
        NextClick(fixture.Array(a_case, "prediction").AsBytes(), label.AsBytes(), SizeOf(label), earlier);
    if (a_case.at("expected_zyx").is_null()) {
      EXPECT_FALSE(click.has_value());
      continue;
    }
    ASSERT_TRUE(click.has_value());
    nlohmann::json acceptable = nlohmann::json::array({a_case.at("expected_zyx")});
    if (!a_case.at("also_acceptable_zyx").is_null()) {
      for (const auto& v : a_case.at("also_acceptable_zyx")) acceptable.push_back(v);
    }
    const nlohmann::json got = {click->voxel.z, click->voxel.y, click->voxel.x};
    EXPECT_NE(std::find(acceptable.begin(), acceptable.end(), got), acceptable.end())
        << got << " not in " << acceptable;
    EXPECT_EQ(click->polarity == Polarity::kPositive ? 0 : 1, a_case.at("expected_channel"));
  }
}

TEST(NextClick, IsTheMiddleOfTheLargestError) {
  const Size3 size{1, 5, 9};
  Mask label(size.VoxelCount());
  for (std::int64_t y = 1; y < 4; ++y) {
    for (std::int64_t x = 5; x < 8; ++x) label[Offset(size, {0, y, x})] = 1;
  }
  label[0] = 1;
  const auto click = NextClick(Mask(label.size()), label, size, {});
  EXPECT_EQ(click, (Click{{0, 2, 6}, Polarity::kPositive}));
}

TEST(NextClick, IsNegativeWhereTooMuchWasSegmented) {
  const Size3 size{1, 3, 3};
  const auto click = NextClick(Mask(9, 1), Mask(9), size, {});
  EXPECT_EQ(click, (Click{{0, 1, 1}, Polarity::kNegative}));
}

TEST(NextClick, StopsWhereEverythingIsRightOrClicked) {
  const Size3 size{1, 1, 3};
  EXPECT_FALSE(NextClick(Mask{1, 0, 1}, Mask{1, 0, 1}, size, {}));
  const std::vector<Index3> earlier = {{0, 0, 1}};
  EXPECT_FALSE(NextClick(Mask{0, 1, 0}, Mask(3), size, earlier));
}

TEST(NextClick, BreaksTiesByTheRule) {
  const Size3 size{1, 1, 3};
  EXPECT_EQ(NextClick(Mask(3), Mask{1, 0, 1}, size, {})->voxel.x, 2);
  EXPECT_EQ(NextClick(Mask(3), Mask{1, 0, 1}, size, {}, {.tie_takes_last = false})->voxel.x, 0);
}

}  // namespace
}  // namespace dinsd
