#include "pipeline/prompt/merge_stations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/prompt/resolve_stations.h"
#include "tests/pipeline/prompt/sidecar_test.h"
#include "tests/pipeline/prompt/station_image_kit.h"

// Sidecars of an examination in stations, found beside its images.

namespace dinsd {
namespace {

using nlohmann::json;
using testing::ElementsAre;

class StationSidecars : public SidecarTest {
 protected:
  StationSidecars() { study_.images = {TwoStations()}; }

  // A lesion of one click, made on a station.
  static json Sidecar(const std::string& series, const std::string& id, const std::array<double, 3>& p) {
    json document = GoodPrompts();
    document["image"]["seriesInstanceUID"] = series;
    document["lesions"] = json::array({{{"id", id}, {"clicks", {{{"p", p}, {"sign", "+"}}}}}});
    document["background"].clear();
    return document;
  }
};

TEST_F(StationSidecars, ThoseOfSeveralStationsAreOne) {
  Write("1.prompts.json", Sidecar("1.2.3.4", "A", {14, -10, 18}));
  json second = Sidecar("1.2.3.6", "B", {2, 9, 3});
  second["space"] = "voxel-ijk";
  second["image"]["grid"] = GridJson(study_.images[0].stations[1].grid);
  second["lesions"][0]["box"] = {{"min", {1, 8, 2}}, {"max", {4, 11, 5}}};
  second["background"] = {{{"p", {5, 9, 3}}, {"sign", "-"}}};
  Write("2.prompts.json", second);
  const std::optional<PairedPrompts> found = Find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->prompts.lesions.size(), 2U);
  EXPECT_THAT(found->file, testing::AllOf(testing::HasSubstr("1.prompts.json"), testing::HasSubstr("2.prompts.json")));
  EXPECT_EQ(found->sha256.size(), 64U);
  const ResolvedPrompts resolved = ResolveOnStations(found->prompts, study_.images[0], "1.2.3", found->file).whole;
  EXPECT_EQ(resolved.lesions[0].clicks[0].ijk, (std::array<std::int64_t, 3>{2, 5, 3}));
  EXPECT_EQ(resolved.lesions[1].clicks[0].ijk, (std::array<std::int64_t, 3>{2, 20, 3}));
  EXPECT_EQ(resolved.lesions[1].box->begin, (std::array<std::int64_t, 3>{1, 19, 2}));
  EXPECT_EQ(resolved.lesions[1].box->end, (std::array<std::int64_t, 3>{4, 22, 5}));
  EXPECT_EQ(resolved.background.size(), 1U);
  const json echo = PromptsToJson(found->prompts);
  EXPECT_NO_THROW((void)Parse(echo)) << "what is echoed can be read again";
}

TEST_F(StationSidecars, OfEachStationTheNewestIsTaken) {
  Write("1.prompts.json", Sidecar("1.2.3.4", "A", {14, -10, 18}));
  json newer = Sidecar("1.2.3.4", "C", {14, -13, 18});
  newer["provenance"]["created"] = "2025-01-01T00:00:00Z";
  Write("1b.prompts.json", newer);
  Write("2.prompts.json", Sidecar("1.2.3.6", "B", {14, 30, 18}));
  const std::optional<PairedPrompts> found = Find();
  ASSERT_EQ(found->prompts.lesions.size(), 2U);
  EXPECT_EQ(found->prompts.lesions[0].id, "C");
  EXPECT_THAT(found->others, ElementsAre(testing::StartsWith("1.prompts.json")));
}

TEST_F(StationSidecars, OneForOneStationIsForAllWhereItIsTheOnlyOne) {
  Write("2.prompts.json", Sidecar("1.2.3.6", "B", {14, -10, 18}));  // in the first station
  const std::optional<PairedPrompts> found = Find();
  EXPECT_EQ(found->file, "2.prompts.json");
  const StationPrompts resolved = ResolveOnStations(found->prompts, study_.images[0], "1.2.3", found->file);
  EXPECT_EQ(resolved.whole.lesions[0].clicks[0].ijk, (std::array<std::int64_t, 3>{2, 5, 3}));
}

TEST_F(StationSidecars, WhatTwoSayOfOneLesionIsNotGuessed) {
  Write("1.prompts.json", Sidecar("1.2.3.4", "A", {14, -10, 18}));
  Write("2.prompts.json", Sidecar("1.2.3.6", "A", {14, 30, 18}));
  EXPECT_EQ(Error(), "PROMPT_DUPLICATE_LESION");
}

TEST_F(StationSidecars, SidecarsOfDifferentSourceOrSigmaAreNotMixed) {
  Write("1.prompts.json", Sidecar("1.2.3.4", "A", {14, -10, 18}));
  json other = Sidecar("1.2.3.6", "B", {14, 30, 18});
  other["provenance"]["source"] = "simulated";
  Write("2.prompts.json", other);
  EXPECT_EQ(Error(), "PROMPT_AMBIGUOUS");
  other["provenance"]["source"] = "human";
  other["sigma"] = {{"unit", "mm"}, {"zyx", {1, 2, 3}}};
  folder_.Write("2.prompts.json", other.dump());
  EXPECT_EQ(Error(), "PROMPT_AMBIGUOUS");
}

}  // namespace
}  // namespace dinsd
