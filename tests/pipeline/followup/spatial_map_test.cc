#include "pipeline/followup/spatial_map.h"

#include <gtest/gtest.h>
#include <itkBSplineTransform.h>

#include <algorithm>
#include <cmath>

#include "model/train/counter_random.h"

namespace dinsd {
namespace {

// Control points every 50 mm over a box of 200 x 300 x 100 mm, moved by up to 8 mm.
SplineLattice SomeLattice(std::uint64_t seed) {
  SplineLattice lattice{.count = {7, 9, 5}, .origin = {-150, -200, -50}, .spacing = {50, 50, 50}, .coefficients = {}};
  CounterRandom random(seed, 1);
  for (std::int64_t n = 0; n < 3 * lattice.PointCount(); ++n) lattice.coefficients.push_back(random.Uniform(-8, 8));
  return lattice;
}

SpatialMap SomeMap() {
  SpatialMap map;
  map.frame = {1, 0, 0, 0, 0, 1, 0, -1, 0};
  map.matrix = {1.02, 0.05, 0, -0.05, 0.98, 0.02, 0, -0.02, 1.01};
  map.offset = {12, -30, 5};
  map.splines = {SomeLattice(1), SomeLattice(2)};
  return map;
}

double Distance(const Point3& a, const Point3& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

TEST(SplineLattice, MovesPlacesAsItkDoes) {
  using Spline = itk::BSplineTransform<double, 3, 3>;
  const SplineLattice lattice = SomeLattice(3);
  const auto spline = Spline::New();
  const Point3 origin = {-100, -150, 0}, extent = {200, 300, 100};
  Spline::OriginType first;
  Spline::PhysicalDimensionsType dimensions;
  for (unsigned d = 0; d < 3; ++d) {
    first[d] = origin[d];
    dimensions[d] = extent[d];
  }
  spline->SetTransformDomainOrigin(first);
  spline->SetTransformDomainPhysicalDimensions(dimensions);
  const Spline::MeshSizeType mesh = {{4, 6, 2}};
  spline->SetTransformDomainMeshSize(mesh);
  Spline::ParametersType parameters(spline->GetNumberOfParameters());
  ASSERT_EQ(parameters.size(), lattice.coefficients.size());
  std::copy(lattice.coefficients.begin(), lattice.coefficients.end(), parameters.begin());
  spline->SetParametersByValue(parameters);
  CounterRandom random(4, 1);
  for (int n = 0; n < 200; ++n) {
    const Point3 p = {random.Uniform(-99, 99), random.Uniform(-149, 149), random.Uniform(1, 99)};
    Spline::InputPointType place;
    for (unsigned d = 0; d < 3; ++d) place[d] = p[d];
    const auto moved = spline->TransformPoint(place);
    const Point3 ours = lattice.DisplacementAt(p);
    for (unsigned d = 0; d < 3; ++d) EXPECT_NEAR(moved[d], p[d] + ours[d], 1e-9);
  }
}

TEST(SplineLattice, HoldsTheDisplacementOfItsBorderOutside) {
  const SplineLattice lattice = SomeLattice(5);
  EXPECT_EQ(lattice.DisplacementAt({900, 0, 50}), lattice.DisplacementAt({100, 0, 50}));
  EXPECT_EQ(lattice.DisplacementAt({0, -900, 50}), lattice.DisplacementAt({0, -150, 50}));
}

TEST(SpatialMap, GoesThereAndBack) {
  const SpatialMap map = SomeMap();
  CounterRandom random(6, 1);
  for (int n = 0; n < 200; ++n) {
    const Point3 p = {random.Uniform(-120, 120), random.Uniform(-20, 120), random.Uniform(-170, 170)};
    EXPECT_LT(Distance(map.ToToday(map.ToPrior(p)), p), 0.01);
    EXPECT_GT(Distance(map.ToPrior(p), p), 1);
  }
}

TEST(SpatialMap, FrameAndLpsAreTheSamePlaces) {
  const SpatialMap map = SomeMap();
  const Point3 p = {10, 20, -30};
  EXPECT_LT(Distance(map.ToPrior(p), FromFrame(map.frame, map.ToPriorInFrame(ToFrame(map.frame, p)))), 1e-12);
}

TEST(SpatialMap, TellsHowMuchLargerThePriorWas) {
  SpatialMap map;
  map.matrix = {1.1, 0, 0, 0, 1.2, 0, 0, 0, 0.9};
  EXPECT_NEAR(map.Determinant(), 1.188, 1e-12);
  EXPECT_NEAR(map.JacobianInFrame({3, 4, 5}), 1.188, 1e-9);
  map.matrix[0] = -1.1;
  EXPECT_NEAR(map.JacobianInFrame({3, 4, 5}), -1.188, 1e-9);
}

}  // namespace
}  // namespace dinsd
