#include "pipeline/read/study_json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "pipeline/read/study.h"

namespace dinsd {
namespace {

using nlohmann::json;

InspectedStudy StudyWithEverything() {
  InspectedStudy study;
  study.identity = {"P\xC3\xA4ul", "issuer", "1.2", "2026-01-02", 70.25, std::nullopt, 0.1};
  study.name = "caf\xE9 \xFF";  // no UTF-8
  study.has_manifest = true;
  study.digests = {{"a.dcm", std::string(64, 'a'), std::string(64, 'b'), "1.2.3"}, {"b", std::string(64, 'c'), "", ""}};
  StudyImage image{.format = ImageFormat::kDicomSeries, .files = {"a.dcm"}, .file_sha256 = {std::string(64, 'a')}};
  image.series_uid = "1.2.5";
  image.part = "echo 2";
  image.description = "<script>\n";
  image.grid = {{2, 3, 4}, {0.1, 1.0 / 3, 8}, {-1e-17, 2, 3}, {0, 0, 1, 1, 0, 0, 0, -1, 0}};
  image.is_chosen = true;
  image.notes = {"one", "two"};
  image.slice_positions = {0, 8, 16.5, 24};
  image.interpolate_slices = true;
  StudyImage bad;
  bad.error = InputError("MISSING_SLICE", "b", "ImagePositionPatient", "a gap", InputVerdict::kQuarantined);
  bad.grid.spacing[0] = std::nan("");
  study.images = {image, bad};
  study.no_choice = InputError("SERIES_AMBIGUOUS", "", "", "why");
  study.prompt_files = {"p.prompts.json"};
  study.other_files = {"x", "y"};
  study.unlisted_files = 1;
  study.instances = 9;
  return study;
}

TEST(StudyJson, BringsEverythingBack) {
  const InspectedStudy study = StudyWithEverything();
  const InspectedStudy back = StudyFromJson(json::parse(StudyToJson(study).dump()));
  EXPECT_EQ(StudyToJson(back), StudyToJson(study));
  EXPECT_EQ(back.name, study.name);
  EXPECT_EQ(back.identity.patient, study.identity.patient);
  EXPECT_EQ(back.identity.age_years, 0.1);
  EXPECT_EQ(back.identity.size_m, std::nullopt);
  EXPECT_EQ(back.images[0].grid, study.images[0].grid);
  EXPECT_EQ(back.images[0].slice_positions, study.images[0].slice_positions);
  EXPECT_TRUE(back.images[0].interpolate_slices);
  EXPECT_STREQ(back.images[1].error->what(), study.images[1].error->what());
  EXPECT_EQ(back.images[1].error->verdict(), InputVerdict::kQuarantined);
  EXPECT_EQ(back.no_choice->code(), "SERIES_AMBIGUOUS");
  EXPECT_EQ(back.unlisted_files, 1U);
  EXPECT_EQ(back.instances, 9U);
}

TEST(StudyJson, TrustsNothing) {
  const json good = StudyToJson(StudyWithEverything());
  const std::vector<std::pair<const char*, std::function<void(json&)>>> spoils = {
      {"no identity", [](json& s) { s.erase("identity"); }},
      {"unknown field", [](json& s) { s["more"] = 1; }},
      {"digest", [](json& s) { s["digests"][0]["sha256"] = "x"; }},
      {"format", [](json& s) { s["images"][0]["format"] = "png"; }},
      {"size", [](json& s) { s["images"][0]["grid"]["size"][0] = 1e15; }},
      {"negative size", [](json& s) { s["images"][0]["grid"]["size"][0] = -1; }},
      {"empty grid", [](json& s) { s["images"][0]["grid"]["size"][0] = 0; }},
      {"spacing of zero", [](json& s) { s["images"][0]["grid"]["spacing"][0] = 0; }},
      {"no number", [](json& s) { s["images"][0]["grid"]["origin"][0] = nullptr; }},
      {"flat axes", [](json& s) { s["images"][0]["grid"]["direction"] = std::vector<double>(9, 0); }},
      {"chosen without files", [](json& s) { s["images"][0]["files"] = json::array(); }},
      {"chosen with an error", [](json& s) { s["images"][0]["error"] = s["no_choice"]; }},
      {"two chosen", [](json& s) { s["images"][1] = s["images"][0]; }},
      {"verdict", [](json& s) { s["no_choice"]["verdict"] = "fine"; }},
      {"long text", [](json& s) { s["images"][0]["description"] = std::string(5000, 'x'); }},
      {"code point", [](json& s) { s["name"] = "\xE2\x82\xAC"; }}};
  for (const auto& [name, spoil] : spoils) {
    json spoiled = good;
    spoil(spoiled);
    EXPECT_THROW((void)StudyFromJson(spoiled), std::invalid_argument) << name;
  }
}

}  // namespace
}  // namespace dinsd
