#include "gpu/lesion_detection.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace dinsd {
namespace {

// Sizes of the lesions, and of the overlap of each pair that touches (prediction, truth).
struct Sizes {
  std::map<std::int32_t, std::int64_t> predictions;
  std::map<std::int32_t, std::int64_t> truths;
  std::map<std::pair<std::int32_t, std::int32_t>, std::int64_t> overlaps;
};

Sizes Count(std::span<const std::int32_t> prediction, std::span<const std::int32_t> truth) {
  Sizes sizes;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const std::int32_t p = prediction[i], t = truth[i];
    if (p < 0 || t < 0) throw std::invalid_argument("lesion detection: a label is negative");
    if (p != 0) ++sizes.predictions[p];
    if (t != 0) ++sizes.truths[t];
    if (p != 0 && t != 0) ++sizes.overlaps[{p, t}];
  }
  return sizes;
}

std::vector<LesionMatch> Candidates(const Sizes& sizes, double threshold) {
  std::vector<LesionMatch> candidates;
  for (const auto& [pair, both] : sizes.overlaps) {
    const std::int64_t either = sizes.predictions.at(pair.first) + sizes.truths.at(pair.second) - both;
    const double iou = static_cast<double>(both) / static_cast<double>(either);
    if (iou >= threshold) candidates.push_back({pair.first, pair.second, iou});
  }
  std::sort(candidates.begin(), candidates.end(), [](const LesionMatch& a, const LesionMatch& b) {
    return std::tuple(-a.iou, a.truth, a.prediction) < std::tuple(-b.iou, b.truth, b.prediction);
  });
  return candidates;
}

double SumOfIou(const std::vector<LesionMatch>& matches) {
  return std::accumulate(matches.begin(), matches.end(), 0.0,
                         [](double sum, const LesionMatch& match) { return sum + match.iou; });
}

std::optional<double> Share(std::size_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::optional<double> LesionDetection::Sensitivity() const {
  return Share(matches.size(), true_lesions);
}

std::optional<double> LesionDetection::Precision() const {
  return Share(matches.size(), predicted_lesions);
}

double LesionDetection::F1() const {
  return Share(2 * matches.size(), predicted_lesions + true_lesions).value_or(1);
}

std::optional<double> LesionDetection::SegmentationQuality() const {
  if (matches.empty()) return std::nullopt;
  return SumOfIou(matches) / static_cast<double>(matches.size());
}

double LesionDetection::PanopticQuality() const {
  const auto lesions = static_cast<double>(predicted_lesions + true_lesions);
  return lesions == 0 ? 1 : 2 * SumOfIou(matches) / lesions;
}

LesionDetection MatchLesions(std::span<const std::int32_t> prediction, std::span<const std::int32_t> truth,
                             double threshold) {
  if (prediction.size() != truth.size()) throw std::invalid_argument("lesion detection: arrays differ in size");
  if (!(threshold > 0 && threshold <= 1)) throw std::invalid_argument("lesion detection: IoU threshold out of (0, 1]");
  const Sizes sizes = Count(prediction, truth);
  LesionDetection found{
      static_cast<std::int64_t>(sizes.predictions.size()), static_cast<std::int64_t>(sizes.truths.size()), {}};
  std::set<std::int32_t> used_predictions, used_truths;
  for (const LesionMatch& candidate : Candidates(sizes, threshold)) {
    if (used_predictions.contains(candidate.prediction) || used_truths.contains(candidate.truth)) continue;
    used_predictions.insert(candidate.prediction);
    used_truths.insert(candidate.truth);
    found.matches.push_back(candidate);
  }
  return found;
}

}  // namespace dinsd
