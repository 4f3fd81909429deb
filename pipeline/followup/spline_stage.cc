#include <itkBSplineTransform.h>
#include <itkLBFGSBOptimizer.h>
#include <itkLinearInterpolateImageFunction.h>
#include <itkMattesMutualInformationImageToImageMetric.h>

#include <cmath>
#include <vector>

#include "pipeline/followup/itk_image.h"
#include "pipeline/followup/registration_error.h"
#include "pipeline/followup/stages.h"

namespace dinsd {
namespace {

using followup_internal::ItkImage;
using followup_internal::ToItk;
using Spline = itk::BSplineTransform<double, 3, 3>;
using Metric = itk::MattesMutualInformationImageToImageMetric<ItkImage, ItkImage>;

// Mutual information (negative, as ITK has it) and a price on bends: the mean of the squared second differences of
// neighbouring control points along each axis, as a slope.
class BentCost : public itk::SingleValuedCostFunction {
 public:
  using Self = BentCost;
  using Pointer = itk::SmartPointer<Self>;

  static Pointer New(Metric* metric, const SplineLattice& lattice, double weight, const StageCheck& check) {
    Pointer cost = new BentCost;
    cost->UnRegister();
    cost->metric_ = metric;
    cost->lattice_ = lattice;
    cost->weight_ = weight;
    cost->check_ = check;
    return cost;
  }

  [[nodiscard]] unsigned GetNumberOfParameters() const override { return metric_->GetNumberOfParameters(); }

  [[nodiscard]] MeasureType GetValue(const ParametersType& parameters) const override {
    check_();
    return metric_->GetValue(parameters) + AddBend(parameters, nullptr);
  }

  void GetDerivative(const ParametersType& parameters, DerivativeType& derivative) const override {
    MeasureType ignored = 0;
    GetValueAndDerivative(parameters, ignored, derivative);
  }

  void GetValueAndDerivative(const ParametersType& parameters, MeasureType& value,
                             DerivativeType& derivative) const override {
    check_();
    metric_->GetValueAndDerivative(parameters, value, derivative);
    value += AddBend(parameters, &derivative);
  }

 private:
  double AddBend(const ParametersType& parameters, DerivativeType* derivative) const {
    const auto& n = lattice_.count;
    const std::int64_t points = lattice_.PointCount();
    const double share = weight_ / static_cast<double>(3 * points);
    const std::array<std::int64_t, 3> stride = {1, n[0], n[0] * n[1]};
    double sum = 0;
    for (std::int64_t at = 0; at < points; ++at) {
      const std::array<std::int64_t, 3> index = {at % n[0], at / n[0] % n[1], at / (n[0] * n[1])};
      for (std::size_t d = 0; d < 3; ++d) {
        if (index[d] == 0 || index[d] == n[d] - 1) continue;
        for (std::int64_t axis = 0; axis < 3; ++axis) {
          const auto here = static_cast<unsigned>(axis * points + at);
          const auto step = static_cast<unsigned>(stride[d]);
          const double bend = parameters[here - step] - 2 * parameters[here] + parameters[here + step];
          sum += share * bend * bend;
          if (derivative == nullptr) continue;
          (*derivative)[here - step] += 2 * share * bend;
          (*derivative)[here] -= 4 * share * bend;
          (*derivative)[here + step] += 2 * share * bend;
        }
      }
    }
    return sum;
  }

  Metric::Pointer metric_;
  SplineLattice lattice_;
  double weight_ = 0;
  StageCheck check_;
};

// Control points over the whole of an image, about `grid_mm` apart.
Spline::Pointer MakeSpline(const WorkingImage& image, double grid_mm) {
  Spline::OriginType origin;
  Spline::PhysicalDimensionsType extent;
  Spline::MeshSizeType mesh;
  for (unsigned d = 0; d < 3; ++d) {
    extent[d] = image.spacing * static_cast<double>(image.size[d]);
    origin[d] = image.origin[d] - image.spacing / 2;
    mesh[d] = static_cast<itk::SizeValueType>(std::max(1.0, std::round(extent[d] / grid_mm)));
  }
  const auto spline = Spline::New();
  Spline::DirectionType direction;
  direction.SetIdentity();
  spline->SetTransformDomainOrigin(origin);
  spline->SetTransformDomainPhysicalDimensions(extent);
  spline->SetTransformDomainDirection(direction);
  spline->SetTransformDomainMeshSize(mesh);
  Spline::ParametersType zero(spline->GetNumberOfParameters());
  zero.Fill(0);
  spline->SetParametersByValue(zero);
  return spline;
}

SplineLattice LatticeOf(const Spline& spline) {
  const auto image = spline.GetCoefficientImages()[0];
  SplineLattice lattice;
  for (unsigned d = 0; d < 3; ++d) {
    lattice.count[d] = static_cast<std::int64_t>(image->GetLargestPossibleRegion().GetSize()[d]);
    lattice.origin[d] = image->GetOrigin()[d];
    lattice.spacing[d] = image->GetSpacing()[d];
  }
  const auto& parameters = spline.GetParameters();
  lattice.coefficients.assign(parameters.begin(), parameters.end());
  return lattice;
}

Metric::FixedImageIndexContainer IndicesOf(const WorkingImage& image, const std::vector<std::size_t>& samples) {
  Metric::FixedImageIndexContainer indices;
  indices.reserve(samples.size());
  for (const std::size_t at : samples) {
    const auto n = static_cast<std::int64_t>(at);
    indices.push_back({{n % image.size[0], n / image.size[0] % image.size[1], n / (image.size[0] * image.size[1])}});
  }
  return indices;
}

Metric::Pointer MakeMetric(const WorkingImage& today, const WorkingImage& warped, Spline* spline,
                           const RegistrationOptions& options) {
  WorkingImage both = today;
  for (std::size_t at = 0; at < both.is_body.size(); ++at) both.is_body[at] &= warped.is_imaged[at];
  const std::vector<std::size_t> samples = SampleBody(both, options.samples, options.seed);
  if (samples.size() < 100) throw RegistrationError("REG_NO_OVERLAP", "the images have no part of the body in common");
  const auto metric = Metric::New();
  const ItkImage::Pointer fixed = ToItk(today);
  metric->SetNumberOfWorkUnits(1);
  metric->SetNumberOfHistogramBins(static_cast<itk::SizeValueType>(options.bins));
  metric->SetUseExplicitPDFDerivatives(false);
  metric->SetUseCachingOfBSplineWeights(true);
  metric->SetFixedImage(fixed);
  metric->SetFixedImageRegion(fixed->GetLargestPossibleRegion());
  metric->SetMovingImage(ToItk(warped));
  metric->SetInterpolator(itk::LinearInterpolateImageFunction<ItkImage, double>::New());
  metric->SetTransform(spline);
  metric->SetFixedImageIndexes(IndicesOf(today, samples));
  metric->SetUseFixedImageIndexes(true);
  metric->SetNumberOfSpatialSamples(samples.size());
  metric->Initialize();
  return metric;
}

itk::LBFGSBOptimizer::Pointer MakeOptimizer(const SplineLattice& lattice, const SplinePass& pass,
                                            const RegistrationOptions& options) {
  const auto points = static_cast<unsigned>(lattice.PointCount());
  itk::LBFGSBOptimizer::BoundSelectionType selection(3 * points);
  itk::LBFGSBOptimizer::BoundValueType low(3 * points), high(3 * points);
  selection.Fill(2);
  for (unsigned n = 0; n < 3 * points; ++n) {
    double reach = options.spline_reach * lattice.spacing[n / points];
    if (n / points == 2) reach = std::min(reach, options.slice_reach_mm);
    low[n] = -reach;
    high[n] = reach;
  }
  const auto optimizer = itk::LBFGSBOptimizer::New();
  optimizer->SetBoundSelection(selection);
  optimizer->SetLowerBound(low);
  optimizer->SetUpperBound(high);
  optimizer->SetCostFunctionConvergenceFactor(1e8);
  optimizer->SetProjectedGradientTolerance(1e-10);
  optimizer->SetMaximumNumberOfIterations(static_cast<unsigned>(pass.iterations));
  optimizer->SetMaximumNumberOfEvaluations(static_cast<unsigned>(2 * pass.iterations));
  optimizer->SetMaximumNumberOfCorrections(6);
  return optimizer;
}

}  // namespace

SplineLattice FitSpline(const WorkingImage& today, const WorkingImage& warped, const SplinePass& pass,
                        const RegistrationOptions& options, const StageCheck& check) {
  followup_internal::UseOneThread();
  const Spline::Pointer spline = MakeSpline(today, pass.grid_mm);
  SplineLattice lattice = LatticeOf(*spline);
  if (pass.iterations == 0) return lattice;
  try {
    const Metric::Pointer metric = MakeMetric(today, warped, spline, options);
    const auto optimizer = MakeOptimizer(lattice, pass, options);
    optimizer->SetCostFunction(BentCost::New(metric, lattice, options.bending_weight, check));
    optimizer->SetInitialPosition(spline->GetParameters());
    optimizer->StartOptimization();
    const auto& found = optimizer->GetCurrentPosition();
    lattice.coefficients.assign(found.begin(), found.end());
  } catch (const itk::ExceptionObject& error) {
    throw RegistrationError("REG_FAILED", error.GetDescription());
  }
  return lattice;
}

}  // namespace dinsd
