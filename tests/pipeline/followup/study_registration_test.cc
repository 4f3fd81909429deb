#include "pipeline/followup/study_registration.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pipeline/followup/registration_error.h"
#include "pipeline/phantom/phantom_stations.h"
#include "tests/pipeline/followup/made_map.h"
#include "tests/pipeline/followup/phantom_truth.h"

namespace dinsd {
namespace {

// Two stations of 100 mm, of which 20 mm are common; places of the upper one were 10 mm further to the right before,
// those of the lower one 30 mm.
StudyRegistration TwoStations() {
  const GridGeometry upper = CoronalGrid({40, 50, 8}, {2, 2, 10}, {0, 0, 0});
  const GridGeometry lower = CoronalGrid({40, 50, 8}, {2, 2, 10}, {0, 0, -80});
  StudyRegistration study;
  study.today = MapStations({upper, lower}, 10);
  study.parts.resize(2);
  study.parts[0].map = ShiftedBy(upper, {10, 0, 0});
  study.parts[1].map = ShiftedBy(lower, {30, 0, 0});
  return study;
}

TEST(StudyRegistration, APlaceGoesByTheStationThatOwnsIt) {
  const StudyRegistration study = TwoStations();
  EXPECT_NEAR(study.ToPrior({40, 30, -20})[0], 30, 1e-9);
  EXPECT_NEAR(study.ToPrior({40, 30, -150})[0], 10, 1e-9);
  EXPECT_NEAR(study.ToPrior({40, 30, 500})[0], 30, 1e-9);  // nobody's: the nearest
  EXPECT_NEAR(study.ToToday({30, 30, -20})[0], 40, 1e-9);
  EXPECT_NEAR(study.ToToday({10, 30, -150})[0], 40, 1e-9);
}

TEST(StudyRegistration, NamesEachFlagOnce) {
  StudyRegistration study = TwoStations();
  study.parts[0].flags = {"reg_no_gain"};
  study.parts[1].flags = {"reg_no_gain", "reg_folding"};
  EXPECT_EQ(study.Flags(), (std::vector<std::string>{"reg_no_gain", "reg_folding"}));
}

StudyVolumes StationsOf(const Phantom& phantom, int count, double overlap_mm) {
  StudyVolumes volumes;
  volumes.parts = CutIntoStations(phantom, {.count = count, .overlap_mm = overlap_mm});
  std::vector<GridGeometry> grids;
  std::vector<std::span<const float>> voxels;
  for (const Volume& part : volumes.parts) {
    grids.push_back(part.grid);
    voxels.emplace_back(part.voxels);
  }
  volumes.map = MapStations(grids, 10);
  volumes.whole = {volumes.map.grid, JoinStations<float>(volumes.map, voxels, 0)};
  return volumes;
}

TEST(RegisterStudies, StationsNeedNotHaveBeenCutAlike) {
  const Phantom prior = MakePhantom({PhantomPreset::kSmall, 3, 1}), today = MakePhantom({PhantomPreset::kSmall, 3, 2});
  StudyVolumes whole;
  whole.map = MapStations({prior.image.grid}, 0);
  whole.whole = prior.image;
  RegistrationOptions options;
  options.samples = 8000;
  const StudyRegistration study = RegisterStudies(whole, StationsOf(today, 2, 40), options);
  ASSERT_EQ(study.parts.size(), 2U);
  const PhantomTruth truth(prior.options, today.options, prior.truth.grid);
  for (const auto& centre : CentresOf(prior.truth, prior.lesions.size())) {
    const Point3 place = truth.ToToday(centre.value()), found = study.ToToday(centre.value());
    EXPECT_LT(std::hypot(found[0] - place[0], found[1] - place[1], found[2] - place[2]), 6);
    const Point3 moved = study.parts[study.PartOf(centre.value())].RoundTrip(centre.value()).value();
    EXPECT_LT(std::hypot(moved[0], moved[1], moved[2]), 8);
  }
}

TEST(RegisterStudies, TellsWhichStationFailed) {
  const Phantom phantom = MakePhantom({PhantomPreset::kSmall, 3, 1});
  StudyVolumes today = StationsOf(phantom, 2, 40);
  std::fill(today.parts[1].voxels.begin(), today.parts[1].voxels.end(), 0.0F);
  StudyVolumes prior;
  prior.map = MapStations({phantom.image.grid}, 0);
  prior.whole = phantom.image;
  RegistrationOptions options;
  options.samples = 2000;
  options.check_round_trip = false;
  for (SplinePass& pass : options.splines) pass.iterations = 0;
  try {
    (void)RegisterStudies(prior, today, options);
    FAIL() << "no error";
  } catch (const RegistrationError& error) {
    EXPECT_EQ(error.code(), "REG_NO_BODY");
    EXPECT_NE(std::string(error.what()).find("station 2"), std::string::npos);
  }
}

}  // namespace
}  // namespace dinsd
