#include "pipeline/longitudinal/longitudinal_words.h"

#include <cmath>

#include "pipeline/report/report_facts.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

std::string Signed(double percent) {
  std::string words = percent >= 0 ? "+" : "\xE2\x88\x92";
  return words.append(FixedDigits(std::abs(percent), PercentDecimals(percent)));
}

// Of a lesion that no final timepoint before can be set beside.
std::string WithoutReference(const LongitudinalReport& report, std::size_t t) {
  const PatientTimepoint& timepoint = report.timepoints()[t];
  if (!timepoint.is_final) return "no reference";
  return timepoint.study_date < report.rules.baseline_date ? "before the baseline" : "baseline";
}

}  // namespace

std::string PercentWords(const std::optional<double>& percent) {
  return percent ? Signed(*percent).append(" %") : "";
}

std::string SignedMl(double ml) {
  std::string words = ml >= 0 ? "+" : "\xE2\x88\x92";
  return words.append(VolumeDigits(std::abs(ml))).append(" mL");
}

std::string TrackName(const LongitudinalReport& report, std::size_t track) {
  std::string name = "No. ";
  return name.append(std::to_string(track + 1)).append(", ").append(report.tracks()[track].id);
}

std::string ChangeWords(const LongitudinalReport& report, const ReferenceChange& change) {
  std::string words = PercentWords(change.change.percent);
  words.append(" since ").append(report.timepoints()[change.reference].study_date);
  if (change.interval) {
    words.append(" (95 % ").append(Signed(change.interval->low)).append(" to ");
    words.append(Signed(change.interval->high)).append(" %)");
  }
  if (change.is_sum) words.append(", as a sum");
  return words;
}

std::string ClassWords(const LongitudinalReport& report, std::size_t track, std::size_t t) {
  const TrackCell& cell = report.tracks()[track].cells[t];
  const CellVerdict& verdict = report.verdicts[track][t];
  if (cell.presence == Presence::kBefore) return "";
  if (cell.presence == Presence::kMerged) return "in No. " + std::to_string(*cell.merged_into + 1);
  if (cell.presence == Presence::kNotCompared) return "not compared";
  if (verdict.change) return Word(*verdict.change);
  if (cell.split_from) return "split off No. " + std::to_string(*cell.split_from + 1);
  bool has_reference = false;
  for (std::size_t r = 0; r < t; ++r) has_reference |= report.timepoints()[r].is_final;
  if (!has_reference) return WithoutReference(report, t);
  return "not compared";
}

bool IsNamedBaseline(const LongitudinalReport& report, std::size_t track, std::size_t t) {
  const std::string& from = report.rules.baseline_date;
  if (from.empty()) return false;
  for (std::size_t r = 0; r <= t; ++r) {
    const PatientTimepoint& timepoint = report.timepoints()[r];
    if (timepoint.is_final && timepoint.study_date >= from && CellVolume(report, track, r).value_or(0) > 0)
      return r == t;
  }
  return false;
}

const MeasuredLesion* CellLesion(const LongitudinalReport& report, std::size_t track, std::size_t t) {
  const TrackCell& cell = report.tracks()[track].cells[t];
  return cell.presence == Presence::kMeasured ? &report.timepoints()[t].lesions[cell.lesion] : nullptr;
}

std::optional<double> CellVolume(const LongitudinalReport& report, std::size_t track, std::size_t t) {
  if (const MeasuredLesion* lesion = CellLesion(report, track, t)) return lesion->lesion.volume_ml;
  return std::nullopt;
}

std::string SiteOfTrack(const LongitudinalReport& report, std::size_t track) {
  const MeasuredLesion* newest = nullptr;
  for (std::size_t t = 0; t < report.timepoints().size(); ++t) {
    if (const MeasuredLesion* lesion = CellLesion(report, track, t)) newest = lesion;
  }
  if (newest == nullptr) return "";
  std::string words = newest->lesion.site ? newest->lesion.site->meaning : "";
  const auto add = [&words](const std::string& word, const char* separator) {
    if (word.empty() || word == "unspecified") return;
    words.append(words.empty() ? "" : separator).append(word);
  };
  add(LateralityWord(newest->lesion.laterality), ", ");
  add(newest->lesion.type, "; ");
  add(newest->lesion.depth, "; ");
  return words;
}

}  // namespace dinsd
