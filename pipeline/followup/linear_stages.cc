#include <itkAffineTransform.h>
#include <itkCommand.h>
#include <itkEuler3DTransform.h>
#include <itkImageRegistrationMethodv4.h>
#include <itkMattesMutualInformationImageToImageMetricv4.h>
#include <itkRegistrationParameterScalesFromPhysicalShift.h>
#include <itkRegularStepGradientDescentOptimizerv4.h>

#include <iterator>
#include <vector>

#include "pipeline/followup/itk_image.h"
#include "pipeline/followup/registration_error.h"
#include "pipeline/followup/stages.h"

namespace dinsd {
namespace {

using followup_internal::ItkImage;
using followup_internal::ToItk;
using Metric = itk::MattesMutualInformationImageToImageMetricv4<ItkImage, ItkImage>;
using Optimizer = itk::RegularStepGradientDescentOptimizerv4<double>;

// Calls the check at each step of the optimizer.
class StepWatch : public itk::Command {
 public:
  static itk::SmartPointer<StepWatch> New(const StageCheck& check) {
    itk::SmartPointer<StepWatch> watch = new StepWatch;
    watch->UnRegister();
    watch->check_ = check;
    return watch;
  }
  void Execute(itk::Object*, const itk::EventObject&) override { check_(); }
  void Execute(const itk::Object*, const itk::EventObject&) override { check_(); }

 private:
  StageCheck check_;
};

Metric::FixedSampledPointSetType::Pointer PointsOf(const WorkingImage& image, std::span<const std::size_t> samples) {
  const auto points = Metric::FixedSampledPointSetType::New();
  points->Initialize();
  for (std::size_t n = 0; n < samples.size(); ++n) {
    const Point3 place = image.PlaceOf(samples[n]);
    Metric::FixedSampledPointSetType::PointType point;
    for (unsigned d = 0; d < 3; ++d) point[d] = static_cast<float>(place[d]);
    points->SetPoint(n, point);
  }
  return points;
}

Optimizer::Pointer MakeOptimizer(Metric* metric, double step_mm, const RegistrationOptions& options,
                                 const StageCheck& check) {
  const auto scales = itk::RegistrationParameterScalesFromPhysicalShift<Metric>::New();
  scales->SetMetric(metric);
  scales->SetTransformForward(true);
  const auto optimizer = Optimizer::New();
  optimizer->SetScalesEstimator(scales);
  optimizer->SetDoEstimateLearningRateOnce(false);
  optimizer->SetDoEstimateLearningRateAtEachIteration(false);
  optimizer->SetLearningRate(step_mm);
  optimizer->SetMinimumStepLength(0.02 * step_mm);
  optimizer->SetRelaxationFactor(0.6);
  optimizer->SetGradientMagnitudeTolerance(1e-9);
  optimizer->SetNumberOfIterations(static_cast<itk::SizeValueType>(options.linear_iterations));
  optimizer->SetReturnBestParametersAndValue(true);
  optimizer->SetNumberOfWorkUnits(1);
  optimizer->AddObserver(itk::IterationEvent(), StepWatch::New(check));
  return optimizer;
}

// Improves `transform` in place on one level of resolution.
template <typename Transform>
void Descend(const WorkingImage& today, const WorkingImage& prior, std::span<const std::size_t> samples, double step_mm,
             const RegistrationOptions& options, const StageCheck& check, Transform* transform) {
  followup_internal::UseOneThread();
  const auto metric = Metric::New();
  metric->SetNumberOfHistogramBins(static_cast<itk::SizeValueType>(options.bins));
  metric->SetUseMovingImageGradientFilter(false);
  metric->SetUseFixedImageGradientFilter(false);
  metric->SetMaximumNumberOfWorkUnits(1);
  metric->SetFixedSampledPointSet(PointsOf(today, samples));
  metric->SetUseSampledPointSet(true);
  using Registration = itk::ImageRegistrationMethodv4<ItkImage, ItkImage, Transform>;
  const auto registration = Registration::New();
  registration->SetFixedImage(ToItk(today));
  registration->SetMovingImage(ToItk(prior));
  registration->SetMetric(metric);
  registration->SetOptimizer(MakeOptimizer(metric, step_mm, options, check));
  registration->SetInitialTransform(transform);
  registration->InPlaceOn();
  registration->SetNumberOfLevels(1);
  typename Registration::ShrinkFactorsArrayType shrink(1);
  shrink[0] = 1;
  registration->SetShrinkFactorsPerLevel(shrink);
  typename Registration::SmoothingSigmasArrayType sigmas(1);
  sigmas[0] = 0;
  registration->SetSmoothingSigmasPerLevel(sigmas);
  registration->SetMetricSamplingStrategy(Registration::MetricSamplingStrategyEnum::NONE);
  registration->SetNumberOfWorkUnits(1);
  try {
    registration->Update();
  } catch (const itk::ExceptionObject& error) {
    throw RegistrationError("REG_FAILED", error.GetDescription());
  }
}

// The map becomes x -> map(transform(x)).
template <typename Transform>
void Compose(const Transform& transform, SpatialMap& map) {
  const auto& m = transform.GetMatrix();
  const auto& o = transform.GetOffset();
  const SpatialMap before = map;
  for (std::size_t row = 0; row < 3; ++row) {
    map.offset[row] = before.offset[row];
    for (std::size_t column = 0; column < 3; ++column) {
      map.offset[row] += before.matrix[row * 3 + column] * o[static_cast<unsigned>(column)];
      map.matrix[row * 3 + column] = 0;
      for (std::size_t k = 0; k < 3; ++k) {
        map.matrix[row * 3 + column] +=
            before.matrix[row * 3 + k] * m[static_cast<unsigned>(k)][static_cast<unsigned>(column)];
      }
    }
  }
}

template <typename Transform>
typename Transform::Pointer AboutMiddle(const WorkingImage& today) {
  const auto transform = Transform::New();
  transform->SetIdentity();
  const Point3 middle = BodyCentre(today);
  typename Transform::InputPointType centre;
  for (unsigned d = 0; d < 3; ++d) centre[d] = middle[d];
  transform->SetCenter(centre);
  return transform;
}

// One transform about the middle of the body, applied before what the map does so far.
template <typename Transform>
void Improve(const WorkingImage& today, const WorkingImage& prior, std::span<const std::size_t> samples, double step_mm,
             const RegistrationOptions& options, const StageCheck& check, SpatialMap& map) {
  const WorkingImage warped = Warped(prior, today, map);
  std::vector<std::size_t> common;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(common),
               [&](std::size_t at) { return warped.is_imaged[at] != 0; });
  if (common.size() < 100) throw RegistrationError("REG_NO_OVERLAP", "the images have no part of the body in common");
  const auto transform = AboutMiddle<Transform>(today);
  Descend(today, warped, common, step_mm, options, check, transform.GetPointer());
  Compose(*transform, map);
}

// The voxels of a coarser image that hold the samples of a finer one.
std::vector<std::size_t> Coarser(const WorkingImage& fine, std::span<const std::size_t> samples,
                                 const WorkingImage& coarse) {
  std::vector<std::size_t> found;
  found.reserve(samples.size());
  for (const std::size_t at : samples) {
    const auto n = static_cast<std::int64_t>(at);
    found.push_back(coarse.OffsetOf(n % fine.size[0] / 2, n / fine.size[0] % fine.size[1] / 2,
                                    n / (fine.size[0] * fine.size[1]) / 2));
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace

void FitRigid(const WorkingImage& today, const WorkingImage& prior, std::span<const std::size_t> samples, int levels,
              const RegistrationOptions& options, const StageCheck& check, SpatialMap& map) {
  constexpr std::size_t kLeastSamples = 500;  // of a level: a small station has no coarse ones
  if (levels > 1) {
    const WorkingImage half_today = Halved(today);
    const std::vector<std::size_t> half_samples = Coarser(today, samples, half_today);
    if (half_samples.size() >= kLeastSamples)
      FitRigid(half_today, Halved(prior), half_samples, levels - 1, options, check, map);
  }
  Improve<itk::Euler3DTransform<double>>(today, prior, samples, today.spacing, options, check, map);
}

void FitAffine(const WorkingImage& today, const WorkingImage& prior, std::span<const std::size_t> samples,
               const RegistrationOptions& options, const StageCheck& check, SpatialMap& map) {
  Improve<itk::AffineTransform<double, 3>>(today, prior, samples, today.spacing / 8, options, check, map);
}

}  // namespace dinsd
