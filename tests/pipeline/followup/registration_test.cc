#include "pipeline/followup/registration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/followup/registration_error.h"
#include "tests/pipeline/followup/phantom_truth.h"

namespace dinsd {
namespace {

double Distance(const Point3& a, const Point3& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

// Two visits of one patient's thigh, seven centimetres of it: quick.
struct Visits {
  Phantom prior = MakePhantom({PhantomPreset::kSmall, 3, 1});
  Phantom today = MakePhantom({PhantomPreset::kSmall, 3, 2});
};

const Visits& TwoVisits() {
  static const Visits visits;
  return visits;
}

RegistrationOptions Quick() {
  RegistrationOptions options;
  options.samples = 8000;
  options.check_round_trip = false;
  return options;
}

// Of the tumours' middles, moved by `header_shift` in the header of the prior image.
double WorstErrorMm(const Registration& found, const Point3& header_shift) {
  const Visits& visits = TwoVisits();
  const PhantomTruth truth(visits.prior.options, visits.today.options, visits.prior.truth.grid);
  double worst = 0;
  for (const auto& centre : CentresOf(visits.prior.truth, visits.prior.lesions.size())) {
    const Point3& p = centre.value();
    const Point3 moved = {p[0] + header_shift[0], p[1] + header_shift[1], p[2] + header_shift[2]};
    worst = std::max(worst, Distance(found.ToToday(moved), truth.ToToday(p)));
  }
  return worst;
}

std::string CodeOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const RegistrationError& error) {
    return error.code();
  }
  return "";
}

TEST(RegisterImages, BringsTheTumoursOfAPriorVisitToTheirPlacesToday) {
  const Registration found = RegisterImages(TwoVisits().prior.image, TwoVisits().today.image, Quick());
  EXPECT_LT(WorstErrorMm(found, {}), 4);
  EXPECT_GT(found.At("deformable").correlation, found.At("start").correlation);
  EXPECT_GE(found.At("deformable").mutual_information, found.At("affine").mutual_information);
  EXPECT_GE(found.At("affine").mutual_information, found.At("rigid").mutual_information);
  EXPECT_NEAR(found.affine_determinant, 1, 0.1);
  EXPECT_GT(found.least_jacobian, 0.5);
  EXPECT_TRUE(found.flags.empty());
}

TEST(RegisterImages, FindsAPriorThatLayTenCentimetresAway) {
  const Point3 shift = {30, -20, 100};
  Volume prior = TwoVisits().prior.image;
  for (std::size_t d = 0; d < 3; ++d) prior.grid.origin[d] += shift[d];
  EXPECT_LT(WorstErrorMm(RegisterImages(prior, TwoVisits().today.image, Quick()), shift), 4);
}

TEST(RegisterImages, GivesTheSameBytesTwice) {
  const auto run = [] { return RegisterImages(TwoVisits().prior.image, TwoVisits().today.image, Quick()).map; };
  const SpatialMap first = run();
  ASSERT_FALSE(first.splines.empty());
  EXPECT_EQ(first, run());
}

TEST(RegisterImages, DoesNotHangOnTheScannersScale) {
  Volume prior = TwoVisits().prior.image;
  for (float& v : prior.voxels) v *= 7.5F;
  EXPECT_LT(WorstErrorMm(RegisterImages(prior, TwoVisits().today.image, Quick()), {}), 4);
}

TEST(RegisterImages, TheOtherDirectionBringsPlacesBack) {
  RegistrationOptions options = Quick();
  options.check_round_trip = true;
  const Registration found = RegisterImages(TwoVisits().prior.image, TwoVisits().today.image, options);
  ASSERT_TRUE(found.back.has_value());
  const Point3 centre = CentresOf(TwoVisits().prior.truth, 1).front().value();
  const Point3 moved = found.RoundTrip(centre).value();
  EXPECT_LT(std::hypot(moved[0], moved[1], moved[2]), 6);
  EXPECT_GT(std::hypot(moved[0], moved[1], moved[2]), 1e-6);  // it is another registration, no inverse
  EXPECT_FALSE(RegisterImages(TwoVisits().prior.image, TwoVisits().today.image, Quick()).RoundTrip(centre).has_value());
}

TEST(RegisterImages, EndsWithAnErrorWhereTimeIsUp) {
  RegistrationOptions options = Quick();
  options.time_limit_seconds = 1e-9;
  EXPECT_EQ(CodeOf([&] { (void)RegisterImages(TwoVisits().prior.image, TwoVisits().today.image, options); }),
            "REG_TIME_LIMIT");
}

TEST(RegisterImages, TellsItsStagesAndStopsWhereItIsTold) {
  std::vector<std::string> stages;
  double last = -1;
  const auto progress = [&](const std::string& stage, double share) {
    EXPECT_GT(share, last);
    last = share;
    stages.push_back(stage);
    return stage.find("deformable") == std::string::npos;
  };
  EXPECT_EQ(CodeOf([&] { (void)RegisterImages(TwoVisits().prior.image, TwoVisits().today.image, Quick(), progress); }),
            "REG_STOPPED");
  EXPECT_EQ(stages.front(), "images");
  EXPECT_EQ(stages.back(), "deformable, 160 mm");
}

TEST(RegisterImages, RefusesAnImageWithoutABody) {
  Volume empty = TwoVisits().prior.image;
  std::fill(empty.voxels.begin(), empty.voxels.end(), 0.0F);
  EXPECT_EQ(CodeOf([&] { (void)RegisterImages(empty, TwoVisits().today.image, Quick()); }), "REG_NO_BODY");
  EXPECT_EQ(CodeOf([&] { (void)RegisterImages(TwoVisits().prior.image, empty, Quick()); }), "REG_NO_BODY");
  empty.voxels.pop_back();
  EXPECT_THROW((void)RegisterImages(empty, TwoVisits().today.image, Quick()), std::invalid_argument);
}

TEST(RegisterImages, FlagsWhatItsThresholdsSay) {
  RegistrationOptions options = Quick();
  options.least_gain = 0.9;
  options.good_correlation = 1;
  options.most_jacobian = 1.001;
  options.least_jacobian = 0.999;
  EXPECT_EQ(RegisterImages(TwoVisits().prior.image, TwoVisits().today.image, options).flags,
            (std::vector<std::string>{"reg_no_gain", "reg_folding"}));
}

TEST(RegistrationOptions, NamesWhatIsWrong) {
  RegistrationOptions options;
  options.spline_reach = 0.5;
  EXPECT_THROW(options.Check(), std::invalid_argument);
  options = {};
  options.splines[1].grid_mm = 10;
  EXPECT_THROW(options.Check(), std::invalid_argument);
}

}  // namespace
}  // namespace dinsd
