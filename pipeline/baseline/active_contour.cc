#include "pipeline/baseline/active_contour.h"

#include <itkDiscreteGaussianImageFilter.h>
#include <itkFastMarchingImageFilter.h>
#include <itkGeodesicActiveContourLevelSetImageFilter.h>
#include <itkGradientMagnitudeImageFilter.h>
#include <itkMultiThreaderBase.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "gpu/distance_transform.h"

namespace dinsd {
namespace {

using Image = itk::Image<float, 3>;

void UseOneThread() {
  static const bool done = [] {
    itk::MultiThreaderBase::SetGlobalDefaultNumberOfThreads(1);
    return true;
  }();
  (void)done;
}

template <typename T>
Image::Pointer ToItk(std::span<const T> values, const Size3& size, const Vec3& spacing) {
  const Image::Pointer image = Image::New();
  image->SetRegions(Image::SizeType{{static_cast<itk::SizeValueType>(size.x), static_cast<itk::SizeValueType>(size.y),
                                     static_cast<itk::SizeValueType>(size.z)}});
  const double steps[3] = {spacing.x, spacing.y, spacing.z};
  image->SetSpacing(steps);
  image->Allocate();
  std::transform(values.begin(), values.end(), image->GetBufferPointer(), [](T v) { return static_cast<float>(v); });
  return image;
}

std::vector<float> FromItk(const Image& image) {
  const float* first = image.GetBufferPointer();
  return {first, first + image.GetLargestPossibleRegion().GetNumberOfPixels()};
}

// When a front that starts at the seeds of one side comes to each voxel.
std::vector<float> ArrivalTimes(const Image::Pointer& speed, const Size3& size, std::span<const Seed> seeds,
                                Seed side) {
  using Marching = itk::FastMarchingImageFilter<Image, Image>;
  const auto starts = Marching::NodeContainer::New();
  starts->Initialize();
  for (std::size_t at = 0; at < seeds.size(); ++at) {
    if (seeds[at] != side) continue;
    const Index3 v = IndexAt(size, at);
    Marching::NodeType node;
    node.SetValue(0);
    node.SetIndex({{v.x, v.y, v.z}});
    starts->InsertElement(starts->Size(), node);
  }
  const auto marching = Marching::New();
  marching->SetInput(speed);
  marching->SetTrialPoints(starts);
  marching->Update();
  return FromItk(*marching->GetOutput());
}

// Distance to the surface of a mask in units of `spacing`, below 0 inside.
std::vector<float> SignedDistance(const std::vector<std::uint8_t>& mask, const Size3& size, const Vec3& spacing) {
  std::vector<std::uint8_t> outside(mask.size());
  std::transform(mask.begin(), mask.end(), outside.begin(), [](std::uint8_t v) { return v == 0 ? 1 : 0; });
  const std::vector<float> to_mask = DistanceToMask(mask, size, spacing);
  const std::vector<float> to_outside = DistanceToMask(outside, size, spacing);
  std::vector<float> signed_distance(mask.size());
  for (std::size_t at = 0; at < mask.size(); ++at)
    signed_distance[at] = mask[at] != 0 ? 0.5F - to_outside[at] : to_mask[at] - 0.5F;
  return signed_distance;
}

std::vector<std::uint8_t> Evolve(const Image::Pointer& speed, const Image::Pointer& start,
                                 const ActiveContourOptions& options) {
  using Contour = itk::GeodesicActiveContourLevelSetImageFilter<Image, Image>;
  const auto contour = Contour::New();
  contour->SetInput(start);
  contour->SetFeatureImage(speed);
  contour->SetPropagationScaling(static_cast<float>(options.propagation));
  contour->SetCurvatureScaling(static_cast<float>(options.curvature));
  contour->SetAdvectionScaling(static_cast<float>(options.advection));
  contour->SetDerivativeSigma(0);  // the speed is smooth already; a recursive Gaussian wants four slices
  contour->SetIsoSurfaceValue(0);
  contour->SetMaximumRMSError(0.005);
  contour->SetNumberOfIterations(static_cast<itk::IdentifierType>(options.iterations));
  contour->Update();
  const std::vector<float> level = FromItk(*contour->GetOutput());
  std::vector<std::uint8_t> mask(level.size());
  std::transform(level.begin(), level.end(), mask.begin(), [](float v) { return v < 0 ? 1 : 0; });
  return mask;
}

// The speed of one side's front: slower where the intensity speaks for the other side.
Image::Pointer SpeedOfSide(std::vector<float> speed, const Size3& size, const Vec3& spacing, Seed side,
                           std::span<const double> share, const ActiveContourOptions& options) {
  for (std::size_t at = 0; at < share.size(); ++at) {
    const double own = side == Seed::kForeground ? share[at] : 1 - share[at];
    speed[at] *= static_cast<float>(std::pow(std::max(options.least_share, own), options.share_power));
  }
  return ToItk<float>(speed, size, spacing);
}

std::vector<std::uint8_t> Run(std::vector<float> speed, const Size3& size, const Vec3& spacing,
                              std::span<const Seed> seeds, std::span<const double> share,
                              const ActiveContourOptions& options) {
  const auto arrival = [&](Seed side) {
    return ArrivalTimes(SpeedOfSide(speed, size, spacing, side, share, options), size, seeds, side);
  };
  const std::vector<float> inside = arrival(Seed::kForeground), outside = arrival(Seed::kBackground);
  std::vector<std::uint8_t> mask(seeds.size());
  for (std::size_t at = 0; at < mask.size(); ++at) mask[at] = inside[at] < outside[at] ? 1 : 0;
  if (options.iterations > 0) {
    for (std::size_t at = 0; at < speed.size(); ++at) {
      if (seeds[at] == Seed::kBackground) speed[at] = 0;
    }
    const std::vector<float> start = SignedDistance(mask, size, spacing);
    mask = Evolve(ToItk<float>(speed, size, spacing), ToItk<float>(start, size, spacing), options);
  }
  for (std::size_t at = 0; at < mask.size(); ++at) {
    if (seeds[at] != Seed::kNone) mask[at] = seeds[at] == Seed::kForeground ? 1 : 0;
  }
  return mask;
}

}  // namespace

std::vector<float> EdgeSpeed(std::span<const double> image, const Size3& size, const Vec3& spacing,
                             const ActiveContourOptions& options) {
  UseOneThread();
  const auto smooth = itk::DiscreteGaussianImageFilter<Image, Image>::New();
  smooth->SetInput(ToItk<double>(image, size, spacing));
  smooth->SetVariance(options.gradient_sigma * options.gradient_sigma);
  const auto gradient = itk::GradientMagnitudeImageFilter<Image, Image>::New();
  gradient->SetInput(smooth->GetOutput());
  try {
    gradient->Update();
  } catch (const itk::ExceptionObject& error) {
    throw std::runtime_error(std::string("active contour: ") + error.GetDescription());
  }
  std::vector<float> speed = FromItk(*gradient->GetOutput());
  std::vector<float> sorted = speed;
  const auto at = sorted.begin() +
                  static_cast<std::ptrdiff_t>(options.gradient_percentile * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), at, sorted.end());
  const float half = std::max(*at, 1e-6F);
  for (float& v : speed) v = std::max(static_cast<float>(options.least_speed), 1 / (1 + (v / half) * (v / half)));
  return speed;
}

std::vector<std::uint8_t> ActiveContour(std::span<const float> speed, const Size3& size, const Vec3& spacing,
                                        std::span<const Seed> seeds, const ActiveContourOptions& options,
                                        std::span<const double> share) {
  const auto has = [&](Seed seed) { return std::find(seeds.begin(), seeds.end(), seed) != seeds.end(); };
  if (!has(Seed::kForeground)) return std::vector<std::uint8_t>(seeds.size(), 0);
  if (!has(Seed::kBackground)) return std::vector<std::uint8_t>(seeds.size(), 1);
  UseOneThread();
  try {
    return Run({speed.begin(), speed.end()}, size, spacing, seeds, share, options);
  } catch (const itk::ExceptionObject& error) {
    throw std::runtime_error(std::string("active contour: ") + error.GetDescription());
  }
}

}  // namespace dinsd
