#include <algorithm>
#include <cmath>

#include "pipeline/longitudinal/longitudinal.h"
#include "pipeline/longitudinal/longitudinal_words.h"

namespace dinsd {
namespace {

// What one track gives to look at, at one timepoint.
class TrackLook {
 public:
  TrackLook(const LongitudinalReport& report, std::size_t track, std::size_t t)
      : report_(report), t_(t), cell_(report.tracks()[track].cells[t]), verdict_(report.verdicts[track][t]) {
    item_.track = track;
    item_.what = TrackName(report, track);
    item_.urgency = kNothing;
    Measured();
    Gone(track, t);
  }

  [[nodiscard]] bool IsNothing() const { return item_.urgency == kNothing; }
  [[nodiscard]] const LookAt& item() const { return item_; }

 private:
  static constexpr int kNothing = 100;

  void Add(bool is_so, int urgency, const std::string& why) {
    if (!is_so) return;
    item_.urgency = std::min(item_.urgency, urgency);
    item_.why.append(item_.why.empty() ? "" : "; ").append(why);
  }

  [[nodiscard]] bool Has(const char* flag) const {
    return std::find(verdict_.flags.begin(), verdict_.flags.end(), flag) != verdict_.flags.end();
  }

  void Measured() {
    if (cell_.presence != Presence::kMeasured) return;
    item_.ml = verdict_.prior ? std::abs(verdict_.prior->now_ml - verdict_.prior->reference_ml)
                              : CellVolume(report_, *item_.track, t_).value_or(0);
    Add(Has("laterality_differs"), 2, "its results say left and right");
    Real(verdict_.nadir, 3, "progression: ");
    Real(verdict_.prior, 3, "");
    Add(verdict_.change == ChangeClass::kNew, 4,
        "new: its place was imaged before, and nothing was there" +
            (verdict_.reason.empty() ? "" : "; " + verdict_.reason));
    Add(verdict_.change != ChangeClass::kNew && cell_.seen_at && !verdict_.prior, 6, verdict_.reason);
    Add(verdict_.is_reappeared, 4, "back: nothing was found at the timepoint before");
    Add(Has("volume_ratio"), 4, "more than three times, or less than a third of, the volume before");
    Unsure(verdict_.prior);
    if (item_.urgency > 5) Unsure(verdict_.baseline);
    Add(!cell_.merged_from.empty(), 6, "grew together with another lesion");
    Add(Has("split"), 6, "fell apart");
    Add(verdict_.prior && verdict_.prior->has_shrunk_below, 6, verdict_.reason);
    Add(Has(kPriorRevised) && !cell_.seen_at && !verdict_.prior && !verdict_.change, 6, verdict_.reason);
    if (IsNothing()) NotSurelyStable(verdict_.prior);
  }

  // Last of all: so far as is measured, nothing changed.
  void NotSurelyStable(const std::optional<ReferenceChange>& change) {
    if (!change || change->change.change != ChangeClass::kStable || !change->interval) return;
    Add(!change->change.reason.empty(), 9, ChangeWords(report_, *change).append(": ").append(change->change.reason));
  }

  void Real(const std::optional<ReferenceChange>& change, int urgency, const char* before) {
    if (!change || change->change.change != ChangeClass::kIncrease || has_increase_) return;
    has_increase_ = true;
    Add(true, urgency, before + ChangeWords(report_, *change));
  }

  void Unsure(const std::optional<ReferenceChange>& change) {
    if (!change || change->change.change != ChangeClass::kUncertain) return;
    Add(true, 5, ChangeWords(report_, *change).append(", uncertain: ").append(change->change.reason));
  }

  // At the last final timepoint that could say so; those that do not show its place or were not compared say nothing.
  [[nodiscard]] bool WasThere(std::size_t track, std::size_t t) const {
    while (t-- > 0) {
      const Presence presence = report_.tracks()[track].cells[t].presence;
      if (!report_.timepoints()[t].is_final || presence == Presence::kNotImaged || presence == Presence::kNotCompared)
        continue;
      return CellVolume(report_, track, t).value_or(0) > 0;
    }
    return false;
  }

  void Gone(std::size_t track, std::size_t t) {
    const bool was_there = WasThere(track, t);
    const bool is_empty = cell_.presence == Presence::kMeasured && verdict_.change == ChangeClass::kNotFound;
    Add((cell_.presence == Presence::kNotFound || is_empty) && was_there, 4, "not found, though its place is imaged");
    Add(cell_.presence == Presence::kNotCompared, 7, "not compared: " + cell_.why);
    Add(cell_.presence == Presence::kNotImaged && was_there, 8, "its place is not in the field of view");
  }

  const LongitudinalReport& report_;
  std::size_t t_;
  const TrackCell& cell_;
  const CellVerdict& verdict_;
  LookAt item_;
  bool has_increase_ = false;
};

void AddTimepoints(const LongitudinalReport& report, std::vector<LookAt>& items) {
  for (const LeftOutResult& left : report.history.left_out) {
    std::string what = "Job " + std::to_string(left.job);
    if (!left.study_date.empty()) what.append(", ").append(left.study_date);
    items.push_back({0, std::nullopt, what, "left out: " + left.reason});
  }
  const std::size_t newest = report.timepoints().size() - 1;
  if (!report.timepoints()[newest].is_final)
    items.push_back({1, std::nullopt, "Study of " + report.timepoints()[newest].study_date,
                     "PRELIMINARY: clicks wait for a person; no verdict of it counts"});
}

void AddFindings(const LongitudinalReport& report, std::size_t latest, std::vector<LookAt>& items) {
  for (const PairFinding& finding : report.followed.findings) {
    if (finding.later < latest) continue;
    const auto& timepoints = report.timepoints();
    items.push_back({2, std::nullopt,
                     timepoints[finding.later].study_date + " beside " + timepoints[finding.earlier].study_date,
                     (finding.is_compared ? "look at the registration: " : "not compared: ") + finding.sentence});
  }
}

// What is wrong with a mask that others made stays wrong wherever it is a reference.
void AddWarnings(const LongitudinalReport& report, std::vector<LookAt>& items) {
  for (const PatientTimepoint& timepoint : report.timepoints()) {
    std::string why;
    for (const std::string& warning : timepoint.warnings) why.append(why.empty() ? "" : "; ").append(warning);
    if (!why.empty()) items.push_back({2, std::nullopt, "Study of " + timepoint.study_date, why});
  }
}

void AddMethod(const LongitudinalReport& report, std::size_t latest, std::vector<LookAt>& items) {
  std::size_t mismatched = 0;
  for (const std::vector<CellVerdict>& cells : report.verdicts) {
    const std::vector<std::string>& flags = cells[latest].flags;
    mismatched += std::find(flags.begin(), flags.end(), "model_mismatch") != flags.end() ? 1 : 0;
  }
  if (mismatched > 0)
    items.push_back({6, std::nullopt, "Method",
                     "model_mismatch: " + std::to_string(mismatched) +
                         " lesions have a reference that was measured by another method"});
  if (report.timepoints()[latest].is_out_of_domain)
    items.push_back({7, std::nullopt, "Images", "out of domain: the network was not trained for such images"});
}

}  // namespace

std::vector<LookAt> LookAtFirst(const LongitudinalReport& report) {
  std::vector<LookAt> items;
  AddTimepoints(report, items);
  const std::size_t latest = report.Latest().value_or(report.timepoints().size() - 1);
  AddFindings(report, latest, items);
  AddWarnings(report, items);
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    const TrackLook look(report, k, latest);
    if (report.tracks()[k].cells[latest].presence != Presence::kBefore && !look.IsNothing())
      items.push_back(look.item());
  }
  AddMethod(report, latest, items);
  std::stable_sort(items.begin(), items.end(), [](const LookAt& a, const LookAt& b) {
    return a.urgency != b.urgency ? a.urgency < b.urgency : a.ml > b.ml;
  });
  return items;
}

}  // namespace dinsd
