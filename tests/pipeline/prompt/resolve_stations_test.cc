#include "pipeline/prompt/resolve_stations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/pipeline/prompt/station_image_kit.h"

namespace dinsd {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

using Ijk = std::array<std::int64_t, 3>;

StationPrompts Resolve(const json& document, const StudyImage& image = TwoStations()) {
  return ResolveOnStations(Parse(document), image, "1.2.3", "a.prompts.json");
}

// The middle of row `row` of the first station's lattice, in column 2 of slice 3.
json RowClick(double row, const char* sign = "+") {
  return {{"p", {14, -25 + 3 * row, 18}}, {"sign", sign}};
}

json Document(const std::vector<json>& clicks) {
  json document = GoodPrompts();
  document["lesions"] = json::array({{{"id", "L"}, {"clicks", clicks}}});
  document.erase("background");
  return document;
}

// In voxels of one of the stations.
json InVoxels(json document, std::size_t station, const StudyImage& image = TwoStations()) {
  document["space"] = "voxel-ijk";
  document["image"]["seriesInstanceUID"] = image.stations[station].series_uid;
  document["image"]["grid"] = GridJson(image.stations[station].grid);
  return document;
}

std::vector<Ijk> VoxelsOf(const ResolvedPrompts& prompts) {
  std::vector<Ijk> voxels;
  for (const ResolvedClick& click : prompts.lesions.at(0).clicks) voxels.push_back(click.ijk);
  return voxels;
}

std::string ErrorOf(const json& document, const StudyImage& image = TwoStations()) {
  try {
    (void)Resolve(document, image);
    return "";
  } catch (const InputError& error) {
    return error.code() + " " + error.field();
  }
}

TEST(ResolveOnStations, AClickGoesToItsOwnerAndInTheOverlapToTheNeighbourToo) {
  const StationPrompts resolved = Resolve(Document({RowClick(5), RowClick(12), RowClick(13), RowClick(20)}));
  EXPECT_THAT(VoxelsOf(resolved.whole), ElementsAre(Ijk{2, 5, 3}, Ijk{2, 12, 3}, Ijk{2, 13, 3}, Ijk{2, 20, 3}));
  ASSERT_EQ(resolved.stations.size(), 2U);
  EXPECT_THAT(VoxelsOf(resolved.stations[0]), ElementsAre(Ijk{2, 5, 3}, Ijk{2, 12, 3}, Ijk{2, 13, 3}));
  EXPECT_THAT(VoxelsOf(resolved.stations[1]), ElementsAre(Ijk{2, 1, 3}, Ijk{2, 2, 3}, Ijk{2, 9, 3}));
}

TEST(ResolveOnStations, ResolvePromptsIsForAnImageWithoutStations) {
  EXPECT_THROW((void)ResolvePrompts(Parse(Document({RowClick(5)})), TwoStations(), "1.2.3", "a.prompts.json"),
               std::invalid_argument);
}

// Whichever station was on the screen: in mm a click goes to the owner of its point, to a hair at the seam before row
// 13 (y = 14 - 1.5 = 12.5).
TEST(ResolveOnStations, AClickInMmIsHandedOverToTheOwnerOfItsPointWhicheverStationIsNamed) {
  const auto click_at = [](double y) { return json{{"p", {14, y, 18}}, {"sign", "+"}}; };
  const std::vector<json> clicks = {RowClick(5), click_at(12.5 - 1e-6), click_at(12.5), RowClick(14), RowClick(20)};
  const std::vector<Ijk> whole = {{2, 5, 3}, {2, 12, 3}, {2, 13, 3}, {2, 14, 3}, {2, 20, 3}};
  const StudyImage image = TwoStations();
  for (const StudyImage& named : image.stations) {
    for (const bool is_ras : {false, true}) {
      json document = Document(clicks);
      document["image"]["seriesInstanceUID"] = named.series_uid;
      if (is_ras) {
        document["space"] = "RAS-mm";
        for (json& click : document["lesions"][0]["clicks"]) {
          click["p"][0] = -click["p"][0].get<double>();
          click["p"][1] = -click["p"][1].get<double>();
        }
      }
      const StationPrompts resolved = Resolve(document);
      EXPECT_EQ(VoxelsOf(resolved.whole), whole) << named.series_uid;
      EXPECT_THAT(VoxelsOf(resolved.stations[0]),
                  ElementsAre(Ijk{2, 5, 3}, Ijk{2, 12, 3}, Ijk{2, 13, 3}, Ijk{2, 14, 3}));
      EXPECT_THAT(VoxelsOf(resolved.stations[1]), ElementsAre(Ijk{2, 1, 3}, Ijk{2, 2, 3}, Ijk{2, 3, 3}, Ijk{2, 9, 3}));
    }
  }
}

TEST(ResolveOnStations, AnImageWithoutStationsIsItsOwnOnlyStation) {
  const StationPrompts resolved = Resolve(Document({RowClick(5)}), GoodImage());
  EXPECT_THAT(VoxelsOf(resolved.whole), ElementsAre(Ijk{2, 5, 3}));
  ASSERT_EQ(resolved.stations.size(), 1U);
  EXPECT_THAT(VoxelsOf(resolved.stations[0]), ElementsAre(Ijk{2, 5, 3}));
}

TEST(ResolveOnStations, VoxelIndicesAreThoseOfTheStationThatIsNamed) {
  const json clicks = Document({{{"p", {2, 1, 3}}, {"sign", "+"}}, {{"p", {2, 9, 3}}, {"sign", "-"}}});
  const StationPrompts resolved = Resolve(InVoxels(clicks, 1));
  EXPECT_THAT(VoxelsOf(resolved.whole), ElementsAre(Ijk{2, 12, 3}, Ijk{2, 20, 3}));
  EXPECT_THAT(VoxelsOf(resolved.stations[0]), ElementsAre(Ijk{2, 12, 3}));
  EXPECT_THAT(VoxelsOf(resolved.stations[1]), ElementsAre(Ijk{2, 1, 3}, Ijk{2, 9, 3}));
  json unnamed = clicks;
  unnamed["space"] = "voxel-ijk";
  unnamed["image"]["grid"] = GridJson(TwoStations().grid);
  EXPECT_EQ(ErrorOf(unnamed), "PROMPT_GRID_MISMATCH /image/grid/size") << "the whole has no series";
}

TEST(ResolveOnStations, OfStationsInOneSeriesTheStatedGridTellsWhich) {
  StudyImage image = TwoStations();
  for (StudyImage& station : image.stations) station.series_uid = "1.2.3.4";
  const json clicks = Document({{{"p", {2, 9, 3}}, {"sign", "+"}}});
  EXPECT_THAT(VoxelsOf(Resolve(InVoxels(clicks, 1, image), image).whole), ElementsAre(Ijk{2, 20, 3}));
  EXPECT_THAT(VoxelsOf(Resolve(InVoxels(clicks, 0, image), image).whole), ElementsAre(Ijk{2, 9, 3}));
}

TEST(ResolveOnStations, AClickLiesInTheVoxelOfItsOwnStationWhereverThatWasMovedTo) {
  const StudyImage image = TwoStations(1.2);  // the second lies 0.4 rows further
  const StationPrompts resolved = Resolve(Document({{{"p", {14, 8 + 1.2 + 3 * 9, 18}}, {"sign", "+"}}}), image);
  EXPECT_THAT(VoxelsOf(resolved.stations[1]), ElementsAre(Ijk{2, 9, 3}));
  EXPECT_THAT(VoxelsOf(resolved.whole), ElementsAre(Ijk{2, 20, 3}));
  EXPECT_NEAR(resolved.whole.lesions[0].clicks[0].moved_mm, 0, 1e-9);
}

// Both hold the point, and lie 0.4 rows apart: it is moved to a voxel of its owner, not of the one that is named.
TEST(ResolveOnStations, InTheOverlapTheOwnerSaysWhichVoxelAClickIsMovedTo) {
  const StudyImage image = TwoStations(1.2);
  for (const StudyImage& named : image.stations) {
    json document = Document({RowClick(12), RowClick(13)});  // the middle of a row of the first
    document["image"]["seriesInstanceUID"] = named.series_uid;
    const StationPrompts resolved = Resolve(document, image);
    EXPECT_NEAR(resolved.whole.lesions[0].clicks[0].moved_mm, 0, 1e-9) << named.series_uid;
    EXPECT_NEAR(resolved.whole.lesions[0].clicks[1].moved_mm, 1.2, 1e-9) << named.series_uid;
  }
}

TEST(ResolveOnStations, ABoxIsABoxOfEveryStationThatItTouches) {
  json document = Document({});
  document["lesions"][0].erase("clicks");
  document["lesions"][0]["box"] = {{"min", {14, -25 + 3 * 9, 18}}, {"max", {18, -25 + 3 * 20, 24}}};
  const StationPrompts resolved = Resolve(document);
  EXPECT_EQ(resolved.whole.lesions[0].box->begin, (Ijk{2, 9, 3}));
  EXPECT_EQ(resolved.whole.lesions[0].box->end, (Ijk{5, 21, 5}));
  EXPECT_THAT(resolved.whole.warnings, IsEmpty()) << "that a station cuts it is no news";
  EXPECT_EQ(resolved.stations[0].lesions[0].box->end, (Ijk{5, 15, 5}));
  EXPECT_EQ(resolved.stations[1].lesions[0].box->begin, (Ijk{2, 0, 3}));
  EXPECT_EQ(resolved.stations[1].lesions[0].box->end, (Ijk{5, 10, 5}));

  document["lesions"][0]["box"] = {{"min", {2, 5, 3}}, {"max", {5, 10, 5}}};
  const StationPrompts in_second = Resolve(InVoxels(document, 1));
  EXPECT_EQ(in_second.whole.lesions[0].box->begin, (Ijk{2, 16, 3}));
  EXPECT_EQ(in_second.whole.lesions[0].box->end, (Ijk{5, 21, 5}));
  EXPECT_FALSE(in_second.stations[0].lesions[0].box);
  EXPECT_EQ(in_second.stations[1].lesions[0].box->begin, (Ijk{2, 5, 3}));
}

TEST(ResolveOnStations, SaysOfALesionOnceWhatThereIsToSay) {
  json document = GoodPrompts();
  document["lesions"] = {{{"id", "R"}, {"clicks", {RowClick(5)}}}};
  document["lesions"][0]["clicks"][0]["status"] = "rejected";
  document["lesions"].push_back({{"id", "M"}, {"clicks", {{{"p", {14, -10, 20.5}}, {"sign", "+"}}}}});
  document.erase("background");
  const StationPrompts resolved = Resolve(document);
  EXPECT_THAT(resolved.whole.lesions[0].flags, ElementsAre("clicks_rejected"));
  EXPECT_EQ(resolved.whole.warnings.size(), 1U);
  for (const ResolvedPrompts& station : resolved.stations) {
    ASSERT_EQ(station.lesions.size(), 2U) << "label k + 1 is lesion k everywhere";
    for (const ResolvedLesion& lesion : station.lesions) EXPECT_THAT(lesion.flags, IsEmpty());
    EXPECT_THAT(station.warnings, IsEmpty());
  }
}

TEST(ResolveOnStations, BackgroundClicksGoTheSameWay) {
  json document = Document({RowClick(5)});
  document["background"] = {RowClick(12, "-"), RowClick(20, "-")};
  const StationPrompts resolved = Resolve(document);
  EXPECT_EQ(resolved.whole.background.size(), 2U);
  EXPECT_EQ(resolved.stations[0].background.size(), 1U);
  EXPECT_EQ(resolved.stations[1].background.size(), 2U);
}

TEST(ResolveOnStations, RefusesWhatLiesNowhereOrNamesAnother) {
  EXPECT_EQ(ErrorOf(Document({RowClick(5), RowClick(26)})), "PROMPT_OUTSIDE /lesions/0/clicks/1");
  EXPECT_EQ(ErrorOf(Document({RowClick(12), RowClick(12, "-")})), "PROMPT_SIGN_CONFLICT /lesions/0/clicks/1");
  json other = Document({RowClick(5)});
  other["image"]["seriesInstanceUID"] = "1.2.3.99";
  EXPECT_EQ(ErrorOf(other), "PROMPT_IMAGE_MISMATCH /image/seriesInstanceUID");
  other = Document({RowClick(5)});
  other["image"]["frameOfReferenceUID"] = "1.2.3.98";
  EXPECT_EQ(ErrorOf(other), "PROMPT_FOR_MISMATCH /image/frameOfReferenceUID");
  json inside_out = Document({RowClick(5)});
  inside_out["lesions"][0]["box"] = {{"min", {14, 0, 18}}, {"max", {18, -10, 24}}};
  EXPECT_EQ(ErrorOf(inside_out), "PROMPT_OUTSIDE /lesions/0/box");
}

TEST(ResolveOnStations, AnInstanceIsLookedForInTheStationThatHasIt) {
  StudyImage image = TwoStations();
  for (std::size_t s = 0; s < 2; ++s) {
    image.stations[s].sop_instance_uids.clear();
    for (int k = 0; k < 12; ++k)
      image.stations[s].sop_instance_uids.push_back("1.2." + std::to_string(s + 7) + "." + std::to_string(k));
  }
  const auto naming = [](double row, const char* uid) {
    json click = RowClick(row);
    click["sopInstanceUID"] = uid;
    return Document({click});
  };
  EXPECT_EQ(ErrorOf(naming(12, "1.2.7.3"), image), "");
  EXPECT_EQ(ErrorOf(naming(12, "1.2.8.3"), image), "") << "in the overlap either is right";
  EXPECT_EQ(ErrorOf(naming(12, "1.2.8.4"), image), "PROMPT_GRID_MISMATCH /lesions/0/clicks/0");
  EXPECT_EQ(ErrorOf(naming(20, "1.2.7.3"), image), "PROMPT_GRID_MISMATCH /lesions/0/clicks/0");
  EXPECT_EQ(ErrorOf(naming(5, "1.2.9.3"), image), "PROMPT_IMAGE_MISMATCH /lesions/0/clicks/0/sopInstanceUID");
}

}  // namespace
}  // namespace dinsd
