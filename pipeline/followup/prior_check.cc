#include "pipeline/followup/prior_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <stdexcept>

#include "pipeline/followup/mask_fit.h"
#include "pipeline/followup/registration_cache.h"
#include "pipeline/followup/registration_error.h"
#include "pipeline/read/same_grid.h"

namespace dinsd {
namespace {

std::string Words(const char* format, double a, double b) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(), format, a, b);
  return text.data();
}

void Add(PriorCheck& check, const char* name, PriorVerdict verdict, const std::string& sentence) {
  check.findings.push_back({name, verdict, sentence});
  check.verdict = std::max(check.verdict, verdict);
}

// Adds a finding where a figure is too low: refused below one threshold, flagged below another.
void Judge(PriorCheck& check, const char* name, double figure, double refused, double flagged, const char* words) {
  if (figure >= flagged) return;
  const bool is_refused = figure < refused;
  Add(check, name, is_refused ? PriorVerdict::kRefused : PriorVerdict::kFlagged,
      Words(words, figure, is_refused ? refused : flagged));
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void CheckSimilarity(const StudyVolumes& prior, const StudyVolumes& today, const StudyRegistration& registration,
                     const RegistrationOptions& registration_options, const PriorCheckOptions& options,
                     PriorCheck& check) {
  PriorEvidence& evidence = check.evidence;
  for (std::size_t s = 0; s < registration.parts.size(); ++s) {
    const Registration& part = registration.parts[s];
    const Similarity& found = part.At("deformable");
    evidence.correlation = std::min(evidence.correlation.value_or(1), found.correlation);
    evidence.share_imaged = std::min(evidence.share_imaged.value_or(1), found.share_imaged);
    evidence.detail =
        std::min(evidence.detail.value_or(1), DetailCorrelation(prior.whole, today.Of(s), part, registration_options));
  }
  Judge(check, "other_body_part", *evidence.share_imaged, 0, options.least_share_imaged,
        "the prior image holds %.2f of today's body, less than %.2f");
  Judge(check, "low_similarity", *evidence.correlation, options.refused_correlation, options.least_correlation,
        "the registered images correlate by %.2f, less than %.2f");
  Judge(check, "low_detail", *evidence.detail, options.refused_detail, options.least_detail,
        "their fine structure correlates by %.2f, less than %.2f");
  for (const std::string& flag : registration.Flags())
    Add(check, flag.c_str(), PriorVerdict::kFlagged, "the registration says so");
}

void CheckMirror(const StudyVolumes& prior, const StudyVolumes& today, const StudyRegistration& registration,
                 RegistrationOptions registration_options, const PriorCheckOptions& options,
                 const OnRegistrationProgress& progress, const RegistrationCache& cache, PriorCheck& check) {
  registration_options.check_round_trip = false;
  const auto detail_of = [&](const StudyVolumes& study, const StudyRegistration& found) {
    double sum = 0;
    for (std::size_t s = 0; s < found.parts.size(); ++s)
      sum += DetailCorrelation(study.whole, today.Of(s), found.parts[s], registration_options);
    return sum / static_cast<double>(found.parts.size());
  };
  StudyVolumes mirrored;
  mirrored.whole = Mirrored(prior.whole);
  const double detail = detail_of(prior, registration);
  double other = -1;  // unless the mirror image can be brought over
  try {
    other = detail_of(mirrored, RegisterOnce(mirrored, today, registration_options, cache, progress));
  } catch (const RegistrationError& error) {
    if (error.code() == "REG_TIME_LIMIT" || error.code() == "REG_STOPPED") throw;
  }
  check.evidence.mirrored_detail = other;
  const double margin = detail - other;
  if (margin < -options.mirror_margin) {
    Add(check, "mirrored", PriorVerdict::kRefused,
        Words("the prior fits better mirrored: fine structure %.2f as it is, %.2f mirrored", detail, other));
  } else if (margin < options.mirror_margin) {
    Add(check, "side_unsure", PriorVerdict::kFlagged,
        Words("the mirrored prior fits as well: fine structure %.2f as it is, %.2f mirrored", detail, other));
  }
}

std::optional<double> BrightShareOf(const std::vector<LesionFit>& lesions) {
  if (lesions.empty()) return {};
  const auto bright = std::count_if(lesions.begin(), lesions.end(), [](const LesionFit& lesion) {
    return lesion.round_voxels > 0 && lesion.mean > lesion.round_mean;
  });
  return static_cast<double>(bright) / static_cast<double>(lesions.size());
}

// Whether the outlines lie on edges of the image that they were drawn on: a mask that was moved comes to lie on bright
// things by chance, but not on their edges.
void CheckRim(const std::vector<LesionFit>& lesions, const PriorCheckOptions& options, PriorCheck& check) {
  const std::optional<RimFit> rim = RimOf(lesions);
  if (!rim) return;
  check.evidence.rim_step = rim->step;
  check.evidence.rim_deviations = rim->Deviations();
  if (rim->step < options.least_rim_step) {
    Add(check, "mask_off_edges", PriorVerdict::kFlagged,
        Words(
            "across the lesions' outlines their own image steps by %.2f of its deviation, less than %.2f: the outlines "
            "do not lie on edges of the image",
            rim->step, options.least_rim_step));
  } else if (rim->Deviations() < options.least_rim_deviations) {
    Add(check, "mask_off_edges", PriorVerdict::kFlagged,
        Words("the lesions are so small that the step across their outlines may be chance: %.1f deviations, less than "
              "%.1f",
              rim->Deviations(), options.least_rim_deviations));
  }
}

void AddMaskFit(const Volume& image, const LabelMap& mask, const PriorCheckOptions& options, PriorCheck& check) {
  const std::vector<LesionFit> lesions = FitOfLesions(image, mask);
  const std::optional<double> bright = check.evidence.bright_prior = BrightShareOf(lesions);
  if (bright && *bright < options.least_bright_prior)
    Add(check, "mask_not_bright", PriorVerdict::kFlagged,
        Words("%.2f of the lesions are bright in their own image, less than %.2f", *bright,
              options.least_bright_prior));
  CheckRim(lesions, options, check);
}

void CheckLesions(const StudyVolumes& prior, const StudyVolumes& today, const LabelMap& mask,
                  const WarpedLabels& warped, const PriorCheckOptions& options, PriorCheck& check) {
  PriorEvidence& evidence = check.evidence;
  AddMaskFit(prior.whole, mask, options, check);
  evidence.bright_today = BrightShare(today.whole, warped.map);
  if (evidence.bright_today && *evidence.bright_today < options.least_bright_today)
    Add(check, "lesions_not_found", PriorVerdict::kFlagged,
        Words("%.2f of the lesions are bright at their places today, less than %.2f", *evidence.bright_today,
              options.least_bright_today));
  if (!evidence.bright_today)
    Add(check, "none_imaged", PriorVerdict::kRefused, "no lesion of the prior mask lies in today's field of view");
  std::vector<double> moved;
  for (const WarpedLesion& lesion : warped.lesions) {
    if (lesion.round_trip_mm) moved.push_back(*lesion.round_trip_mm);
  }
  if (moved.empty()) return;
  evidence.round_trip_mm = Median(moved);
  if (*evidence.round_trip_mm > options.most_round_trip_mm)
    Add(check, "round_trip", PriorVerdict::kFlagged,
        Words("there and back half of the lesions move by %.1f mm or more, more than %.1f mm", *evidence.round_trip_mm,
              options.most_round_trip_mm));
}

}  // namespace

void PriorCheckOptions::Check() const {
  const auto is_share = [](double v) { return v >= 0 && v <= 1; };
  if (!is_share(least_share_imaged)) throw std::invalid_argument("least_share_imaged must be 0 to 1");
  if (!(refused_correlation <= least_correlation))
    throw std::invalid_argument("refused_correlation must not be above least_correlation");
  if (!(refused_detail <= least_detail)) throw std::invalid_argument("refused_detail must not be above least_detail");
  if (!(mirror_margin >= 0)) throw std::invalid_argument("mirror_margin must not be negative");
  if (!is_share(least_bright_prior)) throw std::invalid_argument("least_bright_prior must be 0 to 1");
  if (!(least_rim_step >= 0)) throw std::invalid_argument("least_rim_step must not be negative");
  if (!(least_rim_deviations >= 0)) throw std::invalid_argument("least_rim_deviations must not be negative");
  if (!is_share(least_bright_today)) throw std::invalid_argument("least_bright_today must be 0 to 1");
  if (!(most_round_trip_mm > 0)) throw std::invalid_argument("most_round_trip_mm must be above 0");
}

const char* NameOf(PriorVerdict verdict) {
  switch (verdict) {
    case PriorVerdict::kUsable:
      return "usable";
    case PriorVerdict::kFlagged:
      return "flagged";
    case PriorVerdict::kRefused:
      break;
  }
  return "refused";
}

bool PriorCheck::Has(const std::string& name) const {
  return std::any_of(findings.begin(), findings.end(), [&](const PriorFinding& f) { return f.name == name; });
}

std::optional<double> BrightShare(const Volume& image, const LabelMap& mask) {
  return BrightShareOf(FitOfLesions(image, mask));
}

PriorCheck CheckMaskFits(const Volume& image, const LabelMap& mask, const PriorCheckOptions& options) {
  PriorCheck check = CheckPriorMask(image, mask, options);
  if (check.verdict != PriorVerdict::kRefused) AddMaskFit(image, mask, options, check);
  return check;
}

PriorCheck CheckPriorMask(const Volume& prior, const LabelMap& mask, const PriorCheckOptions& options) {
  options.Check();
  PriorCheck check;
  if (!IsSameGrid(prior.grid, mask.grid, 0.5)) {
    Add(check, "mask_off_grid", PriorVerdict::kRefused, "the mask lies on another grid than the prior image");
    return check;
  }
  if (std::all_of(mask.labels.begin(), mask.labels.end(), [](std::uint16_t label) { return label == 0; }))
    Add(check, "empty_mask", PriorVerdict::kRefused, "the prior mask holds no lesion");
  return check;
}

PriorCheck CheckPrior(const StudyVolumes& prior, const StudyVolumes& today, const LabelMap& mask,
                      const StudyRegistration& registration, const WarpedLabels& warped,
                      const RegistrationOptions& registration_options, const PriorCheckOptions& options,
                      const OnRegistrationProgress& progress, const RegistrationCache& cache) {
  PriorCheck check = CheckPriorMask(prior.whole, mask, options);
  if (check.verdict == PriorVerdict::kRefused) return check;
  CheckSimilarity(prior, today, registration, registration_options, options, check);
  CheckLesions(prior, today, mask, warped, options, check);
  if (options.check_mirror)
    CheckMirror(prior, today, registration, registration_options, options, progress, cache, check);
  return check;
}

}  // namespace dinsd
