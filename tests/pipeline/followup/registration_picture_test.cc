#include "pipeline/followup/registration_picture.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "pipeline/followup/registration_json.h"
#include "tests/pipeline/followup/made_map.h"

namespace dinsd {
namespace {

const GridGeometry kGrid = CoronalGrid({30, 60, 3}, {3, 3, 10});

// One value in the patient's right half, another in the left.
Volume Halves(float right, float left) {
  Volume volume{kGrid, std::vector<float>(kGrid.SizeZyx().VoxelCount(), right)};
  for (std::size_t at = 0; at < volume.voxels.size(); ++at) {
    if (at % 30 >= 15) volume.voxels[at] = left;
  }
  return volume;
}

struct Pixel {
  int r, g, b;
};

Pixel At(const Picture& picture, int x, int y) {
  const std::uint8_t* p = picture.samples.data() + 3 * (static_cast<std::ptrdiff_t>(y) * picture.width + x);
  return {p[0], p[1], p[2]};
}

TEST(RegistrationPicture, ShowsFivePanels) {
  const Volume today = Halves(10, 20), before = Halves(0, 0), after = Halves(10, 20);
  LabelMap mask{kGrid, std::vector<std::uint16_t>(today.voxels.size(), 0)};
  for (std::int64_t j = 20; j < 40; ++j) {
    for (std::int64_t i = 10; i < 20; ++i) mask.labels[Offset(kGrid.SizeZyx(), {2, j, i})] = 5;
  }
  const Picture picture = DrawRegistration(today, before, after, mask);
  EXPECT_EQ(picture.height, 900);
  EXPECT_EQ(picture.width, 5 * 450 + 4 * 8);
  const int x = 240, y = 450;  // left of the middle of a panel
  const Pixel apart = At(picture, 2 * 458 + x, y), together = At(picture, 3 * 458 + x, y);
  EXPECT_GT(apart.r, apart.g);  // the prior image is not there before
  EXPECT_EQ(together.r, together.g);
  EXPECT_EQ(together.g, together.b);
  int outline = 0;
  for (int column = 0; column < 450; ++column) {
    const Pixel p = At(picture, 4 * 458 + column, y);
    if (p.r != p.b) ++outline;
  }
  EXPECT_EQ(outline, 2);                 // left and right
  EXPECT_EQ(At(picture, 240, 20).r, 0);  // a square of the prior image, and one of today's
  EXPECT_EQ(At(picture, 420, 20).r, 255);
  EXPECT_FALSE(EncodePng(picture).empty());
}

TEST(RegistrationPicture, RefusesOtherGrids) {
  Volume small = Halves(1, 2);
  small.voxels.pop_back();
  EXPECT_THROW((void)DrawRegistration(Halves(1, 2), small, Halves(1, 2), {kGrid, {}}), std::invalid_argument);
}

TEST(RegistrationReport, HoldsFiguresFlagsAndVerdict) {
  StudyRegistration registration = StudyShiftedBy(kGrid, {3, 0, 0});
  registration.parts[0].stages = {{"deformable", {0.8, 1.2, 0.9}}};
  registration.parts[0].flags = {"reg_no_gain"};
  LabelMap mask{kGrid, std::vector<std::uint16_t>(kGrid.SizeZyx().VoxelCount(), 0)};
  mask.labels[Offset(kGrid.SizeZyx(), {1, 30, 15})] = 4;
  const WarpedLabels warped = WarpLabels(mask, kGrid, registration);
  PriorCheck check;
  check.verdict = PriorVerdict::kFlagged;
  check.findings = {{"low_detail", PriorVerdict::kFlagged, "so"}};
  const auto report =
      nlohmann::json::parse(RegistrationReport({registration, RegistrationOptions{}, "k", &warped, &check}));
  EXPECT_EQ(report.at("key"), "k");
  EXPECT_EQ(report.at("flags"), nlohmann::json::array({"reg_no_gain"}));
  EXPECT_EQ(report.at("stations").at(0).at("stages").at(0).at("correlation"), 0.8);
  EXPECT_EQ(report.at("lesions").at(0).at("label"), 4);
  EXPECT_TRUE(report.at("lesions").at(0).at("round_trip_mm").is_null());
  EXPECT_EQ(report.at("check").at("verdict"), "flagged");
  EXPECT_EQ(report.at("check").at("findings").at(0).at("name"), "low_detail");
  const auto bare =
      nlohmann::json::parse(RegistrationReport({registration, RegistrationOptions{}, "k", nullptr, nullptr}));
  EXPECT_TRUE(bare.at("lesions").is_null());
  EXPECT_TRUE(bare.at("check").is_null());
}

}  // namespace
}  // namespace dinsd
