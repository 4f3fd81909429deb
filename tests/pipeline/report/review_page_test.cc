#include "pipeline/report/review_page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "pipeline/prompt/prompt_space.h"
#include "tests/pipeline/report/sample_result.h"

namespace dinsd {
namespace {

using nlohmann::json;

const std::array<double, 3> kLps = {12, -20, 33};

/// A page of one click at kLps, in the space of a file, beside a lesion for which nothing could be proposed.
class ReviewPageTest : public testing::Test {
 protected:
  [[nodiscard]] json DataOf(PromptSpace space) {
    input.proposal = {};
    input.proposal.space = space;
    input.proposal.image.series_uid = "1.2.3";
    if (space == PromptSpace::kVoxelIjk) input.proposal.image.grid = image.grid;
    PromptClick click;
    click.p = FromLps(input.proposal, kLps);
    input.proposal.lesions = {{.id = "L1", .clicks = {click}}, {.id = "L2", .prior = PromptPrior{"1.2.9", 1, {}}}};
    input.lesions.resize(2);
    input.today.volume = &image;
    const std::string page = ReviewPage(input), begin = R"(<script type="application/json" id="data">)";
    const std::size_t at = page.find(begin) + begin.size();
    return json::parse(page.substr(at, page.find("</script>", at) - at));
  }

  Volume image = {.grid = {.size = {20, 15, 12}, .spacing = {2, 3, 6}, .origin = {1, -40, 2}},
                  .voxels = std::vector<float>(20 * 15 * 12, 1)};
  ReviewInput input;
};

TEST_F(ReviewPageTest, ShowsClicksInLpsAndSavesThemInTheSpaceOfTheFile) {
  for (const PromptSpace space : {PromptSpace::kLpsMm, PromptSpace::kRasMm, PromptSpace::kVoxelIjk}) {
    const json data = DataOf(space);
    const json& click = data.at("lesions").at(0).at("clicks").at(0);
    const auto shown = click.at("p").get<std::array<double, 3>>(),
               given = click.at("given").get<std::array<double, 3>>();
    EXPECT_EQ(given, input.proposal.lesions[0].clicks[0].p) << "as it is where nobody moves it";
    EXPECT_EQ(data.at("prompts").at("space"), PromptsToJson(input.proposal).at("space"));
    EXPECT_FALSE(data.at("lesions").at(0).at("slices").empty()) << "the slice of the click is shown";
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_NEAR(shown.at(axis), kLps.at(axis), 1e-9);
      const auto row = data.at("from_lps").at(axis).get<std::array<double, 4>>();
      const double moved = row[0] * (kLps[0] + 2) + row[1] * kLps[1] + row[2] * kLps[2] + row[3];
      EXPECT_NEAR(moved, FromLps(input.proposal, {kLps[0] + 2, kLps[1], kLps[2]}).at(axis), 1e-9);
    }
  }
}

TEST_F(ReviewPageTest, ALesionWithoutClicksIsThereToBeDecided) {
  const json data = DataOf(PromptSpace::kLpsMm);
  EXPECT_TRUE(data.at("lesions").at(1).at("clicks").empty());
  EXPECT_FALSE(data.at("lesions").at(1).at("has_box").get<bool>());
  input.proposal.space = PromptSpace::kVoxelIjk;
  EXPECT_THROW((void)ReviewPage(input), std::invalid_argument) << "voxels of no grid";
  input.lesions.resize(1);
  EXPECT_THROW((void)ReviewPage(input), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
