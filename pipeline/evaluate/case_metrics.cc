#include "pipeline/evaluate/case_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "gpu/lesion_detection.h"
#include "gpu/overlap.h"
#include "gpu/surface_distance.h"
#include "pipeline/read/input_error.h"
#include "pipeline/read/same_grid.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

using Values = std::vector<std::optional<double>>;

constexpr double kSameGridMm = 0.05;

std::string NeighbourWord(Connectivity connectivity) {
  return std::to_string(static_cast<int>(connectivity));
}

void AddDistanceMetrics(const std::string& unit, const EvaluateOptions& options, std::vector<Metric>& metrics) {
  const std::string in = unit == "mm" ? "in mm" : "in voxels (as if each were 1 mm on every side)";
  metrics.push_back({"assd_" + unit, "mean distance between the surfaces, both directions pooled, " + in +
                                         "; surface = mask without its " + NeighbourWord(options.surface_erosion) +
                                         "-neighbour erosion, voxel centres"});
  metrics.push_back({"rmsd_" + unit, "root mean square of the same distances"});
  metrics.push_back({"msd_" + unit, "largest of the same distances: Hausdorff distance of the surfaces"});
  metrics.push_back({"hd95_" + unit, "95th percentile of the same distances, pooled, linear between ranks"});
}

void AddLesionMetrics(const EvaluateOptions& options, std::vector<Metric>& metrics) {
  const std::string lesion =
      options.lesions == LesionRule::kComponents ? "pieces of the mask (26 neighbours)" : "labels of the map";
  metrics.push_back({"lesions_prediction", "lesions in P: " + lesion});
  metrics.push_back({"lesions_truth", "lesions in Q: " + lesion});
  for (const double threshold : options.iou_thresholds) {
    const std::string at = "_iou" + ExactDigits(threshold);
    metrics.push_back({"matched" + at, "lesions matched one to one with an IoU of at least " + ExactDigits(threshold) +
                                           ", largest IoU first"});
    metrics.push_back({"sensitivity" + at, "matched / lesions of Q; not defined without a lesion in Q"});
    metrics.push_back({"precision" + at, "matched / lesions of P; not defined without a lesion in P"});
    metrics.push_back({"f1" + at, "2 matched / (lesions of P + lesions of Q); 1 without any lesion"});
    metrics.push_back({"sq" + at, "mean IoU of the matched; not defined without one"});
    metrics.push_back({"pq" + at, "panoptic quality, sq x f1; 0 without a match, 1 without any lesion"});
  }
}

std::vector<std::uint8_t> Inside(const LabelMap& map) {
  std::vector<std::uint8_t> inside(map.labels.size());
  std::transform(map.labels.begin(), map.labels.end(), inside.begin(), [](std::uint16_t v) { return v != 0 ? 1 : 0; });
  return inside;
}

// Everything that is measured of one pair.
struct Pair {
  std::vector<std::uint8_t> prediction;
  std::vector<std::uint8_t> truth;
  Size3 size;
  Vec3 spacing_mm;
  double voxel_ml = 0;
};

void AddOverlap(const Pair& pair, Values& values) {
  const Overlap overlap = CompareMasks(pair.prediction, pair.truth);
  const double arvd = overlap.Arvd();
  values.insert(values.end(), {overlap.Dsc(), overlap.Voe(), std::isfinite(arvd) ? std::optional(arvd) : std::nullopt,
                               static_cast<double>(overlap.VolumeDifference()) * pair.voxel_ml, overlap.Rvd(),
                               static_cast<double>(overlap.PredictionVoxels()) * pair.voxel_ml,
                               static_cast<double>(overlap.LabelVoxels()) * pair.voxel_ml});
}

bool AreBothEmpty(const Pair& pair) {
  const auto is_empty = [](const std::vector<std::uint8_t>& mask) {
    return std::all_of(mask.begin(), mask.end(), [](std::uint8_t v) { return v == 0; });
  };
  return is_empty(pair.prediction) && is_empty(pair.truth);
}

void AddDistances(const Pair& pair, const EvaluateOptions& options, Values& values) {
  const auto if_none = AreBothEmpty(pair) ? std::optional(0.0) : std::nullopt;
  const auto add = [&](const Vec3& spacing) {
    const auto distances = CompareSurfaces(pair.prediction, pair.truth, pair.size, spacing, options.surface_erosion);
    if (!distances) {
      values.insert(values.end(), 4, if_none);
      return distances;
    }
    values.insert(values.end(), {distances->assd, distances->rmsd, distances->hd, distances->hd95});
    return distances;
  };
  const auto in_mm = add(pair.spacing_mm);
  values.push_back(in_mm ? std::optional(in_mm->hd95_of_directions) : if_none);
  const auto of_masks = HausdorffOfMasks(pair.prediction, pair.truth, pair.size, pair.spacing_mm);
  values.push_back(of_masks ? of_masks : if_none);
  add({1, 1, 1});
}

std::vector<std::int32_t> Lesions(const LabelMap& map, const std::vector<std::uint8_t>& inside, LesionRule rule) {
  if (rule == LesionRule::kLabels) return {map.labels.begin(), map.labels.end()};
  return LabelComponents(inside, map.grid.SizeZyx(), Connectivity::k26).labels;
}

void AddLesions(std::span<const std::int32_t> prediction, std::span<const std::int32_t> truth,
                const std::vector<double>& thresholds, Values& values) {
  const LesionDetection any = MatchLesions(prediction, truth, 1);
  values.insert(values.end(), {static_cast<double>(any.predicted_lesions), static_cast<double>(any.true_lesions)});
  for (const double threshold : thresholds) {
    const LesionDetection found = MatchLesions(prediction, truth, threshold);
    values.insert(values.end(), {static_cast<double>(found.matches.size()), found.Sensitivity(), found.Precision(),
                                 found.F1(), found.SegmentationQuality(), found.PanopticQuality()});
  }
}

}  // namespace

std::vector<Metric> MetricsUnder(const EvaluateOptions& options) {
  std::vector<Metric> metrics = {
      {"dsc", "2 |P and Q| / (|P| + |Q|); both empty: 1"},
      {"voe", "volume overlap error, 1 - |P and Q| / |P or Q|; both empty: 0"},
      {"arvd", "||P| - |Q|| / |Q|; both empty: 0, only Q empty: not defined"},
      {"vd_ml", "|P| - |Q| in mL"},
      {"rvd", "2 (|P| - |Q|) / (|P| + |Q|); both empty: 0"},
      {"prediction_ml", "|P| in mL"},
      {"truth_ml", "|Q| in mL"},
  };
  AddDistanceMetrics("mm", options, metrics);
  metrics.push_back({"hd95_of_directions_mm", "the larger of the two directions' 95th percentiles, in mm"});
  metrics.push_back({"hd_of_masks_mm", "Hausdorff distance of the masks, inner voxels included, in mm"});
  AddDistanceMetrics("voxels", options, metrics);
  AddLesionMetrics(options, metrics);
  return metrics;
}

std::vector<std::optional<double>> MeasureCase(const LabelMap& prediction, const LabelMap& truth,
                                               const EvaluateOptions& options, const std::string& file) {
  if (!IsSameGrid(prediction.grid, truth.grid, kSameGridMm)) {
    throw InputError(
        "GRID_MISMATCH", file, "",
        "prediction and truth differ in size or lie more than " + ExactDigits(kSameGridMm) + " mm apart at a corner");
  }
  const std::array<double, 3>& mm = truth.grid.spacing;
  const Pair pair{
      Inside(prediction), Inside(truth), truth.grid.SizeZyx(), {mm[2], mm[1], mm[0]}, truth.grid.VoxelVolumeMl()};
  Values values;
  AddOverlap(pair, values);
  AddDistances(pair, options, values);
  AddLesions(Lesions(prediction, pair.prediction, options.lesions), Lesions(truth, pair.truth, options.lesions),
             options.iou_thresholds, values);
  return values;
}

}  // namespace dinsd
