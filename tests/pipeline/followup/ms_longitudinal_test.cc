#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <vector>

#include "pipeline/followup/registration.h"
#include "tests/pipeline/followup/ms_patients.h"
#include "tests/test_data.h"

namespace dinsd {
namespace {

double Distance(const Point3& a, const Point3& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

class MsLongitudinal : public testing::TestWithParam<const char*> {};

TEST_P(MsLongitudinal, IsWithinAVoxelOfTheSuppliedTransforms) {
  DINSD_REQUIRE_DATA("ms_longitudinal");
  const std::filesystem::path folder = *TestData() / "ms_longitudinal" / GetParam();
  const MsPatient patient = ReadMsPatient(folder);
  RegistrationOptions options;
  options.check_round_trip = false;
  const Registration found = RegisterImages(patient.prior, patient.today, options);
  std::vector<double> before, after;
  for (std::size_t n = 0; n < patient.brain.size(); ++n) {
    before.push_back(Distance(patient.brain[n], patient.prior_places[n]));
    after.push_back(Distance(found.ToPrior(patient.brain[n]), patient.prior_places[n]));
  }
  ASSERT_GT(after.size(), 1000U);
  const double voxel_mm = *std::max_element(patient.today.grid.spacing.begin(), patient.today.grid.spacing.end());
  EXPECT_GT(Median(before), voxel_mm);  // else nothing would have to be done
  EXPECT_LT(Median(after), voxel_mm);
}

INSTANTIATE_TEST_SUITE_P(Patients, MsLongitudinal, testing::Values("patient01", "patient12"));

}  // namespace
}  // namespace dinsd
