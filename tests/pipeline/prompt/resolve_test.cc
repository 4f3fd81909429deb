#include "pipeline/prompt/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <ostream>

#include "tests/pipeline/prompt/prompts_document.h"
#include "tests/random.h"

namespace dinsd {
namespace {

using nlohmann::json;
using testing::ElementsAre;

ResolvedPrompts Resolve(const json& document, const StudyImage& image = GoodImage()) {
  return ResolvePrompts(Parse(document), image, "1.2.3", "a.prompts.json");
}

// An image whose axes are turned about two world axes, far from the origin.
StudyImage ObliqueImage() {
  StudyImage image = GoodImage();
  const double c = std::cos(0.3), s = std::sin(0.3);
  image.grid = {.size = {40, 50, 12},
                .spacing = {1.5625, 1.25, 7.5},
                .origin = {211.3, -98.7, 640.2},
                .direction = {-c, 0, s, 0, 1, 0, -s, 0, -c}};
  return image;
}

json ClickAt(const std::array<double, 3>& p, const char* sign = "+") {
  return {{"p", p}, {"sign", sign}};
}

json OneLesion(const std::vector<json>& clicks, const char* space = "LPS-mm") {
  json document = GoodPrompts();
  document["space"] = space;
  document["lesions"] = json::array({{{"id", "L"}, {"clicks", clicks}}});
  document.erase("background");
  return document;
}

json OneBox(const std::array<double, 3>& min, const std::array<double, 3>& max, bool in_voxels = true) {
  json document = OneLesion({ClickAt({10, -25, 0})});
  document["lesions"] = json::array({{{"id", "L"}, {"box", {{"min", min}, {"max", max}}}}});
  if (in_voxels) {
    document["space"] = "voxel-ijk";
    document["image"]["grid"] = GridJson(GoodImage().grid);
  }
  return document;
}

TEST(ResolvePrompts, PutsAClickIntoItsVoxel) {
  const ResolvedPrompts resolved = Resolve(GoodPrompts());
  ASSERT_EQ(resolved.lesions.size(), 2U);
  const ResolvedClick& click = resolved.lesions[0].clicks[0];
  EXPECT_THAT(click.ijk, ElementsAre(1, 4, 10));  // (11.5 - 10) / 2, (-12 + 25) / 3, 60.2 / 6
  EXPECT_NEAR(click.moved_mm, std::sqrt(0.25 + 1 + 0.04), 1e-9);
  EXPECT_EQ(resolved.lesions[0].clicks[1].sign, Polarity::kNegative);
  EXPECT_THAT(resolved.background[0].ijk, ElementsAre(0, 2, 5));
  EXPECT_TRUE(resolved.is_preliminary) << "L2 has a proposed click";
}

// The same point in each space, on an oblique grid.
TEST(ResolvePrompts, GivesTheSameVoxelFromEverySpace) {
  TestRandom random(3);
  const StudyImage image = ObliqueImage();
  for (int round = 0; round < 200; ++round) {
    std::array<double, 3> index{};
    std::array<std::int64_t, 3> voxel{};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      voxel[axis] = random.Below(image.grid.size[axis]);
      index[axis] = static_cast<double>(voxel[axis]) + 0.98 * (random.Unit() - 0.5);
    }
    const auto lps = LpsFromIndex(image.grid, index);
    json in_voxels = OneLesion({ClickAt(index)}, "voxel-ijk");
    in_voxels["image"]["grid"] = GridJson(image.grid);
    for (const json& document :
         {OneLesion({ClickAt(lps)}), in_voxels, OneLesion({ClickAt({-lps[0], -lps[1], lps[2]})}, "RAS-mm")}) {
      EXPECT_EQ(Resolve(document, image).lesions[0].clicks[0].ijk, voxel);
    }
  }
}

TEST(ResolvePrompts, RoundsHalfUpAndKeepsTheOutermostEdgeInside) {
  json document = OneLesion({}, "voxel-ijk");
  document["image"]["grid"] = GridJson(GoodImage().grid);
  const auto voxel_of = [&](double i) {
    document["lesions"][0]["clicks"] = json::array({ClickAt({i, 0, 0})});
    return Resolve(document).lesions[0].clicks[0].ijk[0];
  };
  EXPECT_EQ(voxel_of(-0.5), 0);
  EXPECT_EQ(voxel_of(2.49), 2);
  EXPECT_EQ(voxel_of(2.5), 3);
  EXPECT_EQ(voxel_of(19.5), 19);
}

TEST(ResolvePrompts, OrdersClicksByInteractionThenByFile) {
  std::vector<json> clicks;
  for (int i = 0; i < 5; ++i) clicks.push_back(ClickAt({10.0 + 2 * i, -25, 0}));
  clicks[1]["order"] = 4;
  clicks[2]["order"] = 0;
  clicks[4]["order"] = 4;
  std::vector<std::int64_t> order;
  const ResolvedPrompts resolved = Resolve(OneLesion(clicks));
  for (const ResolvedClick& click : resolved.lesions[0].clicks) order.push_back(click.ijk[0]);
  EXPECT_THAT(order, ElementsAre(2, 1, 4, 0, 3));
}

TEST(ResolvePrompts, LeavesRejectedClicksOut) {
  std::vector<json> clicks = {ClickAt({10, -25, 0}), ClickAt({12, -25, 0}, "-"), ClickAt({12, -25, 0})};
  clicks[1]["status"] = "rejected";
  const ResolvedPrompts resolved = Resolve(OneLesion(clicks));
  EXPECT_EQ(resolved.lesions[0].clicks.size(), 2U);
  EXPECT_FALSE(resolved.is_preliminary);
}

TEST(ResolvePrompts, KeepsALesionWhoseClicksWereAllRejectedEmpty) {
  std::vector<json> clicks = {ClickAt({10, -25, 0})};
  clicks[0]["status"] = "rejected";
  const ResolvedPrompts resolved = Resolve(OneLesion(clicks));
  EXPECT_TRUE(resolved.lesions[0].clicks.empty());
  EXPECT_THAT(resolved.lesions[0].flags, ElementsAre("clicks_rejected"));
  EXPECT_EQ(resolved.warnings.size(), 1U);
}

// A click that was proposed from a prior, or beside a box, and that a person rejected.
TEST(ResolvePrompts, ALesionThatAReviewRejectsStaysEmptyWhateverStandsBesideItsClicks) {
  json document = OneLesion({ClickAt({10, -25, 0})});
  json& lesion = document["lesions"][0];
  lesion["clicks"][0]["status"] = "rejected";
  lesion["prior"] = {{"sopInstanceUID", "1.2.3.9"}, {"segmentNumber", 4}};
  EXPECT_THAT(Resolve(document).lesions[0].flags, ElementsAre("clicks_rejected"));
  EXPECT_FALSE(Resolve(document).is_preliminary) << "a person has decided";
  lesion["box"] = {{"min", {10, -25, 0}}, {"max", {20, -10, 12}}};
  EXPECT_TRUE(Resolve(document).lesions[0].box.has_value()) << "no review: a person's own box";
  document["provenance"]["importedFrom"] = "proposal " + std::string(64, 'a');
  EXPECT_FALSE(Resolve(document).lesions[0].box.has_value());
  EXPECT_THAT(Resolve(document).lesions[0].flags, ElementsAre("clicks_rejected"));
}

TEST(ResolvePrompts, IsPreliminaryWithClicksThatNobodyVerified) {
  json document = OneLesion({ClickAt({10, -25, 0})});
  EXPECT_FALSE(Resolve(document).is_preliminary);
  document["provenance"]["source"] = "simulated";
  EXPECT_TRUE(Resolve(document).is_preliminary);
  document["lesions"][0]["clicks"][0]["status"] = "verified";
  EXPECT_FALSE(Resolve(document).is_preliminary);
}

TEST(ResolvePrompts, SkipsALesionThatHasOnlyAPriorThatIsNotThere) {
  json document = GoodPrompts();
  document["lesions"][1].erase("clicks");
  const ResolvedPrompts resolved = Resolve(document);
  EXPECT_TRUE(resolved.lesions[1].clicks.empty());
  EXPECT_THAT(resolved.lesions[1].flags, ElementsAre("PROMPT_PRIOR_MISSING"));
  EXPECT_TRUE(resolved.is_preliminary);
  document["lesions"].erase(0);
  EXPECT_THAT(Resolve(document).lesions[0].flags, ElementsAre("PROMPT_PRIOR_MISSING")) << "alone in its file";
}

TEST(ResolvePrompts, FlagsAClickThatLiesBetweenTwoSlices) {
  // Half a slice of 6 mm away, and half a pixel: further than half a slice from every voxel's centre.
  EXPECT_THAT(Resolve(OneLesion({ClickAt({11, -25, 3})})).lesions[0].flags, ElementsAre("CLICK_MOVED"));
  EXPECT_THAT(Resolve(OneLesion({ClickAt({11, -23.5, 9})})).lesions[0].flags, ElementsAre("CLICK_MOVED"));
  EXPECT_TRUE(Resolve(OneLesion({ClickAt({11, -23.5, 12})})).lesions[0].flags.empty());
}

TEST(ResolvePrompts, TakesASigmaOfTheFileOrOfALesion) {
  json document = GoodPrompts();
  document["sigma"] = {{"unit", "network-voxel"}, {"zyx", {1, 5, 6}}};
  document["lesions"][1]["sigma"] = {{"unit", "mm"}, {"zyx", {8, 7, 7}}};
  const ResolvedPrompts resolved = Resolve(document);
  EXPECT_EQ(resolved.sigma->unit, SigmaUnit::kNetworkVoxel);
  EXPECT_EQ(resolved.sigma->sigma, (Vec3{1, 5, 6}));
  EXPECT_FALSE(resolved.lesions[0].sigma);
  EXPECT_EQ(resolved.lesions[1].sigma->unit, SigmaUnit::kMm);
}

TEST(ResolvePrompts, ReadsABoxOfVoxelsAsHalfOpen) {
  const VoxelBox box = *Resolve(OneBox({2, 3, 4}, {5, 6.5, 5})).lesions[0].box;
  EXPECT_THAT(box.begin, ElementsAre(2, 3, 4));
  EXPECT_THAT(box.end, ElementsAre(5, 7, 5));
}

TEST(ResolvePrompts, EnclosesAllCornersOfABoxInMillimetres) {
  const VoxelBox box = *Resolve(OneBox({12, -22, 5}, {15.1, -22, 19}, false)).lesions[0].box;
  EXPECT_THAT(box.begin, ElementsAre(1, 1, 1));
  EXPECT_THAT(box.end, ElementsAre(4, 2, 4)) << "flat along j, and one voxel thick";
}

// Every point of the box lands in a voxel of the box, and each face is touched.
TEST(ResolvePrompts, EnclosesABoxOnAnObliqueGrid) {
  const StudyImage image = ObliqueImage();
  const auto middle = LpsFromIndex(image.grid, {20, 25, 6});
  const std::array<double, 3> min = {middle[0] - 9, middle[1] - 5, middle[2] - 14},
                              max = {middle[0] + 4, middle[1] + 8, middle[2] + 3};
  const VoxelBox box = *Resolve(OneBox(min, max, false), image).lesions[0].box;
  TestRandom random(4);
  for (int round = 0; round < 500; ++round) {
    std::array<double, 3> point{};
    for (std::size_t axis = 0; axis < 3; ++axis) point[axis] = min[axis] + random.Unit() * (max[axis] - min[axis]);
    const auto voxel = Resolve(OneLesion({ClickAt(point)}), image).lesions[0].clicks[0].ijk;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_GE(voxel[axis], box.begin[axis]);
      EXPECT_LT(voxel[axis], box.end[axis]);
    }
  }
}

TEST(ResolvePrompts, CutsABoxAtTheEdgeOfTheImageAndSaysSo) {
  const ResolvedPrompts resolved = Resolve(OneBox({-5, -5, -5}, {1000, 2, 3}));
  EXPECT_THAT(resolved.lesions[0].box->begin, ElementsAre(0, 0, 0));
  EXPECT_THAT(resolved.lesions[0].box->end, ElementsAre(20, 2, 3));
  EXPECT_THAT(resolved.warnings, ElementsAre(testing::HasSubstr("cut")));
}

TEST(ResolvePrompts, WarnsOfAPositiveClickOutsideItsBox) {
  json document = OneBox({12, -22, 5}, {15, -20, 19}, false);
  document["lesions"][0]["clicks"] = json::array({ClickAt({13, -22, 6}), ClickAt({30, -22, 6}, "-")});
  EXPECT_TRUE(Resolve(document).warnings.empty());
  document["lesions"][0]["clicks"].push_back(ClickAt({30, -22, 12}));
  EXPECT_THAT(Resolve(document).warnings, ElementsAre(testing::HasSubstr("outside its box")));
}

TEST(ResolvePrompts, MatchesAFileByItsDigestWhereNoSeriesIsKnown) {
  json document = GoodPrompts();
  document["image"] = {{"sha256", std::string(64, 'a')}};
  StudyImage image = GoodImage();
  image.series_uid = "";
  EXPECT_EQ(Resolve(document, image).lesions.size(), 2U);
}

// Prompts that do not fit the image.
struct Misfit {
  const char* code;
  const char* name;
  const char* pointer;
  std::function<void(json&, StudyImage&)> spoil;
};

void PrintTo(const Misfit& misfit, std::ostream* out) {
  *out << misfit.name;
}

class MisfitTest : public testing::TestWithParam<Misfit> {};

TEST_P(MisfitTest, IsNamed) {
  json document = GoodPrompts();
  StudyImage image = GoodImage();
  GetParam().spoil(document, image);
  try {
    (void)Resolve(document, image);
    FAIL() << "was taken";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), GetParam().code);
    EXPECT_EQ(error.field(), GetParam().pointer);
    const bool is_mix_up = error.code() == "PROMPT_IMAGE_MISMATCH";
    EXPECT_EQ(error.verdict(), is_mix_up ? InputVerdict::kQuarantined : InputVerdict::kNeedsPrompts);
  }
}

json& Grid(json& document) {
  document["space"] = "voxel-ijk";
  document["lesions"] = json::array({{{"id", "L"}, {"clicks", json::array({ClickAt({1, 2, 3})})}}});
  document.erase("background");
  return document["image"]["grid"] = GridJson(GoodImage().grid);
}

json& Point(json& document) {
  return document["lesions"][0]["clicks"][0]["p"];
}

INSTANTIATE_TEST_SUITE_P(
    ResolvePrompts, MisfitTest,
    testing::Values(Misfit{"PROMPT_IMAGE_MISMATCH", "AnotherSeries", "/image/seriesInstanceUID",
                           [](json& d, StudyImage&) { d["image"]["seriesInstanceUID"] = "1.2.3.4.0"; }},
                    Misfit{"PROMPT_IMAGE_MISMATCH", "AnotherStudy", "/image/studyInstanceUID",
                           [](json& d, StudyImage&) { d["image"]["studyInstanceUID"] = "1.2.30"; }},
                    Misfit{"PROMPT_IMAGE_MISMATCH", "AnotherDigest", "/image/sha256",
                           [](json& d, StudyImage&) {
                             d["image"] = {{"sha256", std::string(64, 'b')}};
                           }},
                    Misfit{"PROMPT_IMAGE_MISMATCH", "SeriesFitsButNotTheBytes", "/image/sha256",
                           [](json& d, StudyImage&) { d["image"]["sha256"] = std::string(64, 'b'); }},
                    Misfit{"PROMPT_IMAGE_MISMATCH", "SeriesOfAFileThatHasNone", "/image/seriesInstanceUID",
                           [](json&, StudyImage& i) { i.series_uid = ""; }},
                    Misfit{"PROMPT_FOR_MISMATCH", "Series", "/image/frameOfReferenceUID",
                           [](json& d, StudyImage&) { d["image"]["frameOfReferenceUID"] = "1.2.3.6"; }},
                    Misfit{"PROMPT_FOR_MISMATCH", "File", "/image/frameOfReferenceUID",
                           [](json&, StudyImage& i) { i.frame_of_reference_uid = "1.2.3.50"; }},
                    Misfit{"PROMPT_IMAGE_MISMATCH", "InstanceOfAnotherSeries", "/lesions/0/clicks/0/sopInstanceUID",
                           [](json& d, StudyImage& i) { MadeOn("1.2.3.5.10", d, i); }},
                    Misfit{"PROMPT_SCHEMA", "MoreLesionsThanLabels", "/lesions",
                           [](json& d, StudyImage&) {
                             const json lesion = d["lesions"][0];
                             d["lesions"] = json::array();
                             for (int k = 0; k < 65'536; ++k) {
                               d["lesions"].push_back({{"id", std::to_string(k)}, {"clicks", lesion["clicks"]}});
                             }
                           }},
                    Misfit{"PROMPT_GRID_MISMATCH", "ClickOnAnotherSlice", "/lesions/0/clicks/0",
                           [](json& d, StudyImage& i) { MadeOn("1.2.3.4.1", d, i); }},
                    Misfit{"PROMPT_GRID_MISMATCH", "Size", "/image/grid/size",
                           [](json& d, StudyImage&) {
                             Grid(d)["size"] = {20, 15, 13};
                           }},
                    Misfit{"PROMPT_GRID_MISMATCH", "Transposed", "/image/grid/size",
                           [](json& d, StudyImage&) {
                             Grid(d)["size"] = {12, 15, 20};
                           }},
                    Misfit{"PROMPT_GRID_MISMATCH", "Spacing", "/image/grid/spacing/2",
                           [](json& d, StudyImage&) { Grid(d)["spacing"][2] = 6.002; }},
                    Misfit{"PROMPT_GRID_MISMATCH", "Origin", "/image/grid/origin/0",
                           [](json& d, StudyImage&) { Grid(d)["origin"][0] = -10; }},
                    Misfit{"PROMPT_GRID_MISMATCH", "FlippedAxis", "/image/grid/direction/4",
                           [](json& d, StudyImage&) { Grid(d)["direction"][4] = -1; }},
                    Misfit{"PROMPT_GRID_MISMATCH", "StatedBesideMillimetres", "/image/grid/origin/1",
                           [](json& d, StudyImage&) {
                             d["image"]["grid"] = GridJson(GoodImage().grid);
                             d["image"]["grid"]["origin"][1] = 0;
                           }},
                    Misfit{"PROMPT_OUTSIDE", "BeforeTheFirstVoxel", "/lesions/0/clicks/0/p",
                           [](json& d, StudyImage&) { Point(d)[0] = 8.99; }},
                    Misfit{"PROMPT_OUTSIDE", "BehindTheLastSlice", "/lesions/0/clicks/0/p",
                           [](json& d, StudyImage&) { Point(d)[2] = 69.01; }},
                    Misfit{"PROMPT_OUTSIDE", "FarAway", "/lesions/0/clicks/0/p",
                           [](json& d, StudyImage&) { Point(d)[1] = 1e300; }},
                    Misfit{"PROMPT_OUTSIDE", "Background", "/background/0/p",
                           [](json& d, StudyImage&) {
                             d["background"][0]["p"] = {-10, -20, 30};
                           }},
                    Misfit{"PROMPT_OUTSIDE", "WrongSpace", "/lesions/0/clicks/0/p",
                           [](json& d, StudyImage&) { d["space"] = "RAS-mm"; }},
                    Misfit{"PROMPT_OUTSIDE", "EmptyBox", "/lesions/0/box",
                           [](json& d, StudyImage&) {
                             d = OneBox({2, 3, 4}, {5, 3, 6});
                           }},
                    Misfit{"PROMPT_OUTSIDE", "InvertedBox", "/lesions/0/box",
                           [](json& d, StudyImage&) {
                             d = OneBox({12, -22, 19}, {15, -20, 5}, false);
                           }},
                    Misfit{"PROMPT_OUTSIDE", "BoxWhollyOutside", "/lesions/0/box",
                           [](json& d, StudyImage&) {
                             d = OneBox({100, -22, 5}, {120, -20, 19}, false);
                           }},
                    Misfit{"PROMPT_OUTSIDE", "HugeBoxOutside", "/lesions/0/box",
                           [](json& d, StudyImage&) {
                             d = OneBox({1e200, 0, 0}, {1e300, 1, 1});
                           }},
                    Misfit{"PROMPT_SIGN_CONFLICT", "InOneLesion", "/lesions/0/clicks/1",
                           [](json& d, StudyImage&) {
                             d["lesions"][0]["clicks"][1]["p"] = {12.5, -13, 62};
                           }},
                    Misfit{"PROMPT_SIGN_CONFLICT", "BetweenLesions", "/lesions/1/clicks/0",
                           [](json& d, StudyImage&) {
                             d["lesions"][1]["clicks"][0]["p"] = {25, -12, 60};
                           }},
                    Misfit{"PROMPT_SIGN_CONFLICT", "WithTheBackground", "/background/0",
                           [](json& d, StudyImage&) {
                             d["background"][0]["p"] = {12, -13, 60};
                           }}),
    [](const auto& info) { return std::string(info.param.code) + "_" + info.param.name; });

TEST(ResolvePrompts, NeedAGridForVoxelsWhateverMadeThem) {
  Prompts prompts = Parse(GoodPrompts());
  prompts.space = PromptSpace::kVoxelIjk;
  EXPECT_THAT([&] { (void)ResolvePrompts(prompts, GoodImage(), "", "f"); },
              testing::Throws<InputError>(testing::Property(&InputError::code, "PROMPT_GRID_MISMATCH")));
}

}  // namespace
}  // namespace dinsd
