#include "pipeline/interval/how_sure.h"

#include <algorithm>

#include "pipeline/interval/sampling.h"
#include "pipeline/report/safe_text.h"
#include "pipeline/segment/axes.h"

namespace dinsd {
namespace {

constexpr double kCalibratedThreshold = 0.5;

bool BringsSigma(const StudyResult& result) {
  const std::vector<ResolvedLesion>& lesions = result.resolved.lesions;
  return result.options.sigma || result.resolved.sigma ||
         std::any_of(lesions.begin(), lesions.end(),
                     [](const ResolvedLesion& lesion) { return lesion.sigma.has_value(); });
}

std::string WhyNotCalibrated(const StudyResult& result, const IntervalOptions& asked) {
  const SegmentOptions& options = result.options;
  if (!result.manifest.interval)
    return "these weights are not calibrated, nobody has measured how far off their volumes are";
  const IntervalCalibration& calibration = *result.manifest.interval;
  if (!(asked.variation == calibration.variation))
    return "the re-runs are varied in another way than those that the weights were calibrated with";
  if (asked.runs < calibration.runs) {
    return std::to_string(asked.runs) + " re-runs, the weights were calibrated with " +
           std::to_string(calibration.runs);
  }
  const double slice_mm = ChooseAxes(result.mask.grid, AxisRule::kSliceAxis).SpacingMm().z;
  if (!calibration.HoldsForSlices(slice_mm)) {
    return "slices " + FixedDigits(slice_mm, 1) + " mm apart, the weights were calibrated on slices " +
           FixedDigits(calibration.slice_mm, 1) + " mm apart";
  }
  if (options.threshold != kCalibratedThreshold) return "the weights were calibrated at a threshold of 0.5";
  if (options.average_flips) return "the weights were calibrated without averaging over flips";
  if (BringsSigma(result)) return "the weights were calibrated with their own sigma";
  return "";
}

std::string WhyNot(const LesionResult& lesion) {
  if (lesion.voxels == 0) return "nothing was segmented";
  return lesion.clicks_positive == 0 ? "it has no positive click, and only such clicks are varied" : "";
}

}  // namespace

std::string WhyUncalibrated(const StudyResult& result, const IntervalOptions& asked) {
  const std::string why = WhyNotCalibrated(result, asked);
  if (!why.empty()) return "uncalibrated: " + why;
  return result.is_out_of_domain ? "out of domain: the weights were calibrated on images of another kind" : "";
}

std::string WhyNoReruns(const StudyResult& result) {
  if (result.mode == "none") return "no lesion was segmented, so there is nothing to run again";
  const IntervalOptions& asked = result.options.interval;
  return asked.even_uncalibrated ? "" : WhyUncalibrated(result, asked);
}

std::string WhyNoInterval(const StudyResult& result) {
  if (result.imported) return "the outlines were made by others, and how far they are off is not known";
  if (!result.no_reruns.empty()) return result.no_reruns;
  if (result.options.interval.runs == 0) return "the study was not run again: [interval] runs is 0";
  return WhyUncalibrated(result, result.options.interval);
}

void TellHowSure(const std::vector<std::vector<double>>& volumes_ml, StudyResult& result) {
  const std::string why_none = WhyNoInterval(result);
  const Vec3 mm = ChooseAxes(result.mask.grid, AxisRule::kSliceAxis).SpacingMm();
  for (std::size_t k = 0; k < result.lesions.size(); ++k) {
    LesionResult& lesion = result.lesions[k];
    lesion.no_interval = why_none.empty() ? WhyNot(lesion) : why_none;
    if (volumes_ml.at(k).empty() || lesion.voxels == 0) continue;
    lesion.spread =
        SpreadOf(volumes_ml[k], result.mask.grid.VoxelVolumeMl(), SamplingLogSd(lesion.volume_ml, {mm.z, mm.y, mm.x}));
    if (!lesion.no_interval.empty()) continue;
    lesion.interval = IntervalOf(lesion.volume_ml, lesion.slices_spanned, *lesion.spread, *result.manifest.interval);
  }
}

}  // namespace dinsd
