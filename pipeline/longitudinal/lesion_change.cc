#include "pipeline/longitudinal/lesion_change.h"

#include <algorithm>
#include <set>

#include "pipeline/followup/change_interval.h"
#include "pipeline/longitudinal/confirmed_response.h"
#include "pipeline/longitudinal/track_volumes.h"
#include "pipeline/report/follow_up_rows.h"

namespace dinsd {
namespace {

class Judge {
 public:
  Judge(const std::vector<PatientTimepoint>& timepoints, const std::vector<LesionTrack>& tracks,
        const ChangeRules& rules)
      : timepoints_(timepoints), tracks_(tracks), rules_(rules), volumes_(timepoints, tracks) {}

  [[nodiscard]] CellVerdict Of(std::size_t k, std::size_t t) const {
    const TrackCell& cell = tracks_[k].cells[t];
    CellVerdict verdict;
    if (cell.presence == Presence::kMeasured) {
      TakeReferences(k, t, verdict);
      TakeClass(k, t, verdict);
      TakeFlags(k, t, verdict);
      return verdict;
    }
    verdict.reason = cell.why;
    if (cell.presence == Presence::kNotFound) verdict.change = ChangeClass::kNotFound;
    if (cell.presence == Presence::kNotImaged) verdict.change = ChangeClass::kNotImaged;
    if (cell.presence == Presence::kMerged) verdict.flags.emplace_back("merged");
    return verdict;
  }

 private:
  // Final timepoints before t, ascending.
  [[nodiscard]] std::vector<std::size_t> ReferencesBefore(std::size_t t) const {
    std::vector<std::size_t> references;
    for (std::size_t r = 0; r < t; ++r) {
      if (timepoints_[r].is_final) references.push_back(r);
    }
    return references;
  }

  void TakeReferences(std::size_t k, std::size_t t, CellVerdict& verdict) const {
    const std::vector<std::size_t> references = ReferencesBefore(t);
    if (references.empty()) return;
    verdict.prior = ChangeSince(volumes_.GroupOf(k, references.back(), t), references.back(), t);
    std::vector<std::size_t> group;  // of the baseline; all later volumes are of the same lesions
    std::optional<std::size_t> baseline, nadir;
    double least = 0;
    for (const std::size_t r : references) {
      if (timepoints_[r].study_date < rules_.baseline_date) continue;
      if (!baseline) group = volumes_.GroupOf(k, r, t);
      const std::optional<SummedVolume> sum = volumes_.Sum(group, r);
      if (!sum || !(sum->volume.ml > 0)) continue;
      if (!baseline) baseline = r;
      if (nadir && least <= sum->volume.ml) continue;
      nadir = r;
      least = sum->volume.ml;
    }
    if (!baseline || !nadir) return;
    verdict.baseline = ChangeSince(group, *baseline, t);
    verdict.nadir = ChangeSince(group, *nadir, t);
  }

  // Of these lesions together; nothing where a volume of then or now is not known, or nothing was there then.
  [[nodiscard]] std::optional<ReferenceChange> ChangeSince(const std::vector<std::size_t>& group, std::size_t r,
                                                           std::size_t t) const {
    const std::optional<SummedVolume> then = volumes_.Sum(group, r), now = volumes_.Sum(group, t);
    if (!then || !now || !(then->volume.ml > 0)) return std::nullopt;
    ReferenceChange change{r, then->volume.ml, now->volume.ml, group.size() > 1, {}, {}, {}, {}, false};
    change.days = DaysBetween(timepoints_[r].study_date, timepoints_[t].study_date);
    change.mismatch = DifferenceInWords(timepoints_[r].method, timepoints_[t].method);
    ChangeInput input{then->volume, now->volume, change.days, {}, {}};
    input.no_interval = WhyNoInterval(*then, *now, t, change.mismatch);
    if (input.no_interval.empty())
      input.interval = IntervalOfChange(then->volume.ml, now->volume.ml, then->log_sd, now->log_sd);
    change.interval = input.interval;
    ChangeOptions options = rules_.change;
    options.measurable_slices = timepoints_[r].measurable_slices;
    change.change = ChangeOf(input, options);
    change.has_shrunk_below = change.change.change == ChangeClass::kBelowMeasurable &&
                              then->volume.slices_spanned >= options.measurable_slices;
    return change;
  }

  [[nodiscard]] std::string WhyNoInterval(const SummedVolume& then, const SummedVolume& now, std::size_t t,
                                          const std::string& mismatch) const {
    if (!timepoints_[t].is_final) return "no person has verified the clicks of this result";
    if (!mismatch.empty()) return "the two were measured by different methods (" + mismatch + ")";
    if (then.is_at_edge || now.is_at_edge) return "the lesion reaches the end of an image, where a part may be missing";
    if (!then.no_interval.empty()) return then.no_interval;
    return now.no_interval;
  }

  void TakeClass(std::size_t k, std::size_t t, CellVerdict& verdict) const {
    const TrackCell& cell = tracks_[k].cells[t];
    const double ml = timepoints_[t].lesions[cell.lesion].lesion.volume_ml;
    if (verdict.prior) {
      verdict.change = verdict.prior->change.change;
      verdict.reason = verdict.prior->change.reason;
      return;
    }
    if (cell.is_new) {
      verdict.change = ChangeClass::kNew;
      verdict.reason = SeenWords(cell);
      return;
    }
    const std::vector<std::size_t> references = ReferencesBefore(t);
    if (references.empty()) {
      verdict.reason = "there is no final timepoint before";
      return;
    }
    verdict.reason = cell.why;
    if (t == tracks_[k].first) return;
    if (cell.seen_at) {
      verdict.reason.append(verdict.reason.empty() ? "" : "; ").append(SeenWords(cell));
      return;
    }
    const std::size_t prior = references.back();
    const std::optional<SummedVolume> then = volumes_.Sum(volumes_.GroupOf(k, prior, t), prior);
    if (!then) {
      verdict.reason = "at the timepoint before it was not imaged or could not be compared";
    } else if (ml > 0) {
      verdict.change = ChangeClass::kUncertain;
      verdict.is_reappeared = true;
      verdict.reason = "at the timepoint before nothing was found at its place";
    } else {
      verdict.change = ChangeClass::kNotFound;
    }
  }

  // Of what no final result before has; empty where no preliminary one shows it either.
  [[nodiscard]] std::string SeenWords(const TrackCell& cell) const {
    if (!cell.seen_at) return "";
    return "the preliminary result of " + timepoints_[*cell.seen_at].study_date + " shows it already";
  }

  void TakeFlags(std::size_t k, std::size_t t, CellVerdict& verdict) const {
    const TrackCell& cell = tracks_[k].cells[t];
    verdict.flags = timepoints_[t].lesions[cell.lesion].flags;
    std::erase_if(verdict.flags,
                  [](const std::string& flag) { return flag == "volume_ratio" || flag == "model_mismatch"; });
    const auto add = [&](bool is_so, const char* flag) {
      if (is_so && std::find(verdict.flags.begin(), verdict.flags.end(), flag) == verdict.flags.end())
        verdict.flags.emplace_back(flag);
    };
    const std::optional<ReferenceChange>& prior = verdict.prior;
    const double most = rules_.most_volume_ratio;
    add(!cell.merged_from.empty(), "merged");
    add(cell.split_from || HasChild(k, t), "split");
    add(verdict.is_reappeared, "reappeared");
    add(cell.is_partly_imaged, "partly_imaged");
    add(prior && prior->now_ml > 0 &&
            (prior->now_ml > most * prior->reference_ml || prior->reference_ml > most * prior->now_ml),
        "volume_ratio");
    add((prior && !prior->mismatch.empty()) || (verdict.baseline && !verdict.baseline->mismatch.empty()) ||
            (verdict.nadir && !verdict.nadir->mismatch.empty()),
        "model_mismatch");
    add(SidesDiffer(k, t), "laterality_differs");
  }

  [[nodiscard]] bool HasChild(std::size_t k, std::size_t t) const {
    return std::any_of(tracks_.begin(), tracks_.end(),
                       [&](const LesionTrack& track) { return track.cells[t].split_from == k; });
  }

  // A lesion does not change sides: where two results say left and right, one of the two is another lesion.
  [[nodiscard]] bool SidesDiffer(std::size_t k, std::size_t t) const {
    std::set<std::string> sides;
    for (std::size_t p = 0; p <= t; ++p) {
      const TrackCell& cell = tracks_[k].cells[p];
      if (cell.presence == Presence::kMeasured) sides.insert(timepoints_[p].lesions[cell.lesion].lesion.laterality);
    }
    return sides.contains("L") && sides.contains("R");
  }

  const std::vector<PatientTimepoint>& timepoints_;
  const std::vector<LesionTrack>& tracks_;
  const ChangeRules& rules_;
  TrackVolumes volumes_;
};

}  // namespace

void CheckBaseline(const std::vector<PatientTimepoint>& timepoints, const std::string& baseline_date) {
  if (baseline_date.empty()) return;
  std::string last;
  for (const PatientTimepoint& timepoint : timepoints) {
    if (timepoint.is_final) last = std::max(last, timepoint.study_date);
  }
  if (last >= baseline_date) return;
  throw InputError("NO_BASELINE", "results", "baseline",
                   "no final timepoint is on or after " + baseline_date +
                       (last.empty() ? ", and none is final at all" : "; the last final one is of " + last));
}

std::vector<std::vector<CellVerdict>> JudgeTracks(const std::vector<PatientTimepoint>& timepoints,
                                                  const std::vector<LesionTrack>& tracks, const ChangeRules& rules) {
  const Judge judge(timepoints, tracks, rules);
  std::vector<std::vector<CellVerdict>> verdicts(tracks.size());
  for (std::size_t k = 0; k < tracks.size(); ++k) {
    for (std::size_t t = 0; t < timepoints.size(); ++t) verdicts[k].push_back(judge.Of(k, t));
    ConfirmResponses(timepoints, rules.confirming_months, verdicts[k]);
  }
  return verdicts;
}

}  // namespace dinsd
