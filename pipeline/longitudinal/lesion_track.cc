#include "pipeline/longitudinal/lesion_track.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace dinsd {
namespace {

constexpr double kLeastIouOfAPart = 0.1;  // with its old place, for what became part of another and shows again

class Follower {
 public:
  Follower(const std::vector<PatientTimepoint>& timepoints, const PlaceComparer& compare)
      : timepoints_(timepoints), compare_(compare) {}

  LesionTracks Run() {
    for (std::size_t t = 0; t < timepoints_.size(); ++t) Place(t);
    return std::move(result_);
  }

 private:
  // The lesions of one timepoint find their tracks.
  void Place(std::size_t t) {
    open_.clear();
    was_imaged_.clear();
    unseen_.clear();
    obstacle_.clear();
    unknown_.clear();
    for (LesionTrack& track : result_.tracks) track.cells.emplace_back();
    for (std::size_t n = 0; n < timepoints_[t].lesions.size(); ++n) open_.insert(n);
    KeepMerged(t);
    LinkFollowed(t);
    LinkByUid(t);
    for (std::size_t p = t; p-- > 0;) {
      if (timepoints_[p].is_final) LinkByPlace(p, t);
    }
    for (std::size_t p = t; p-- > 0;) {
      if (!timepoints_[p].is_final) LinkToPreliminary(p, t);
    }
    for (std::size_t k = 0; k < result_.tracks.size(); ++k) TellSeenBefore(k, t);
    CloseTracks(t);
    for (const std::size_t n : open_) Begin(n, t);
  }

  // What grew together with another stays a part of it, unless a result tells it apart again.
  void KeepMerged(std::size_t t) {
    std::size_t last = t;
    while (last > 0 && (last == t || !timepoints_[last].is_final)) --last;
    if (last == t || !timepoints_[last].is_final) return;
    for (LesionTrack& track : result_.tracks) {
      if (track.cells[last].presence != Presence::kMerged) continue;
      track.cells[t].presence = Presence::kMerged;
      track.cells[t].merged_into = track.cells[last].merged_into;
    }
  }

  void Measure(std::size_t track, std::size_t n, std::size_t t) {
    TrackCell& cell = result_.tracks[track].cells[t];
    if (cell.presence == Presence::kMerged) cell.split_from = std::exchange(cell.merged_into, std::nullopt);
    cell.presence = Presence::kMeasured;
    cell.lesion = n;
    open_.erase(n);
    LesionTrack& known = result_.tracks[track];
    if (known.uid.empty()) known.uid = timepoints_[t].lesions[n].lesion.tracking_uid;
  }

  [[nodiscard]] bool IsMeasured(std::size_t track, std::size_t t) const {
    return result_.tracks[track].cells[t].presence == Presence::kMeasured;
  }

  [[nodiscard]] std::optional<std::size_t> TrackOf(std::size_t p, std::uint16_t label) const {
    for (std::size_t k = 0; k < result_.tracks.size(); ++k) {
      if (IsMeasured(k, p) && LabelOf(k, p) == label) return k;
    }
    return std::nullopt;
  }

  [[nodiscard]] const MeasuredLesion& LesionAt(std::size_t track, std::size_t t) const {
    return timepoints_[t].lesions[result_.tracks[track].cells[t].lesion];
  }

  [[nodiscard]] std::uint16_t LabelOf(std::size_t track, std::size_t t) const {
    return LesionAt(track, t).lesion.label;
  }

  // A study that came without clicks names its lesions by those of its prior.
  void LinkFollowed(std::size_t t) {
    const std::optional<FollowedFrom>& from = timepoints_[t].followed;
    if (!from) return;
    for (std::size_t p = 0; p < t; ++p) {
      if (timepoints_[p].place.result_sha256 != from->result_sha256) continue;
      for (const auto& [label, id] : from->id_today) {
        const std::optional<std::size_t> track = TrackOf(p, label);
        const std::string& name = id;  // a lambda takes no structured binding
        const auto n = std::find_if(open_.begin(), open_.end(),
                                    [&](std::size_t k) { return timepoints_[t].lesions[k].lesion.id == name; });
        if (!track || n == open_.end() || IsMeasured(*track, t)) continue;
        if (from->is_revised && LesionAt(*track, p).lesion.id != name) continue;  // the label is another's by now
        Measure(*track, *n, t);
      }
    }
  }

  void LinkByUid(std::size_t t) {
    const std::set<std::size_t> open = open_;
    for (const std::size_t n : open) {
      const std::string& uid = timepoints_[t].lesions[n].lesion.tracking_uid;
      if (uid.empty()) continue;
      for (std::size_t k = 0; k < result_.tracks.size(); ++k) {
        if (!HasUid(k, uid, t) || IsMeasured(k, t)) continue;
        Measure(k, n, t);
        break;
      }
    }
  }

  // A track may have been given several: what matched by place had one of its own.
  [[nodiscard]] bool HasUid(std::size_t track, const std::string& uid, std::size_t t) const {
    for (std::size_t p = 0; p < t; ++p) {
      if (!IsMeasured(track, p)) continue;
      if (timepoints_[p].lesions[result_.tracks[track].cells[p].lesion].lesion.tracking_uid == uid) return true;
    }
    return false;
  }

  // Whether the last final timepoint that shows the lesion is p.
  [[nodiscard]] bool IsLastSeenAt(std::size_t track, std::size_t p, std::size_t t) const {
    for (std::size_t q = t; q-- > 0;) {
      if (!timepoints_[q].is_final || !IsMeasured(track, q)) continue;
      if (timepoints_[q].lesions[result_.tracks[track].cells[q].lesion].lesion.volume_ml <= 0) continue;
      return q == p;
    }
    return false;
  }

  [[nodiscard]] PlaceQuestion QuestionFor(std::size_t p, std::size_t t) const {
    PlaceQuestion question{p, t, {}, {}, {}};
    for (const std::size_t n : open_) {
      if (timepoints_[t].lesions[n].lesion.volume_ml > 0) question.open_later.insert(LabelAt(n, t));
    }
    for (std::size_t k = 0; k < result_.tracks.size(); ++k) {
      const Presence now = result_.tracks[k].cells[t].presence;
      if (now == Presence::kMeasured && IsMeasured(k, p)) question.known.emplace_back(LabelOf(k, p), LabelOf(k, t));
      // What grew together with another is looked for again only where there is something that it could be.
      const bool is_sought = now == Presence::kBefore || (now == Presence::kMerged && !question.open_later.empty());
      if (is_sought && IsLastSeenAt(k, p, t)) question.open_earlier.insert(LabelOf(k, p));
    }
    return question;
  }

  [[nodiscard]] std::uint16_t LabelAt(std::size_t n, std::size_t t) const {
    return timepoints_[t].lesions[n].lesion.label;
  }

  void LinkByPlace(std::size_t p, std::size_t t) {
    const PlaceQuestion question = QuestionFor(p, t);
    const bool is_asked = std::any_of(question.open_later.begin(), question.open_later.end(),
                                      [&](std::uint16_t label) { return !was_imaged_.contains(label); });
    if (question.open_earlier.empty() && !is_asked) return;
    const PlaceAnswer answer = Ask(question);
    for (const std::uint16_t label : question.open_later) {
      if (!answer.was_imaged.contains(label)) unseen_[label].insert(p);
    }
    if (!answer.not_compared.empty()) return NoteObstacle(question, answer.not_compared);
    Take(question, answer);
  }

  [[nodiscard]] PlaceAnswer Ask(const PlaceQuestion& question) {
    PlaceAnswer answer = compare_(question);
    for (const std::string& finding : answer.findings)
      result_.findings.push_back({question.earlier, question.later, true, finding});
    return answer;
  }

  // What only preliminary results have shown so far, and is not told by a UID.
  void LinkToPreliminary(std::size_t p, std::size_t t) {
    PlaceQuestion question = QuestionFor(p, t);
    for (std::size_t k = 0; k < result_.tracks.size(); ++k) {
      if (!IsMeasured(k, p) || result_.tracks[k].cells[t].presence != Presence::kBefore || IsInFinalBefore(k, t))
        continue;
      if (timepoints_[p].lesions[result_.tracks[k].cells[p].lesion].lesion.volume_ml > 0)
        question.open_earlier.insert(LabelOf(k, p));
    }
    if (question.open_earlier.empty() || question.open_later.empty()) return;
    const PlaceAnswer answer = Ask(question);
    if (!answer.not_compared.empty()) result_.findings.push_back({p, t, false, answer.not_compared});
    for (const LesionMatches::Pair& pair : answer.matches.pairs) {
      if (question.open_earlier.contains(pair.prior) && question.open_later.contains(pair.today))
        Measure(*TrackOf(p, pair.prior), IndexOf(pair.today, t), t);
    }
  }

  [[nodiscard]] std::size_t IndexOf(std::uint16_t label, std::size_t t) const {
    std::size_t n = 0;
    while (LabelAt(n, t) != label) ++n;
    return n;
  }

  [[nodiscard]] bool IsInFinalBefore(std::size_t track, std::size_t t) const {
    for (std::size_t p = 0; p < t; ++p) {
      if (timepoints_[p].is_final && IsMeasured(track, p)) return true;
    }
    return false;
  }

  // The first timepoint that shows a voxel of a track that no final one before t has.
  [[nodiscard]] std::optional<std::size_t> SeenOnlyPreliminaryAt(std::size_t k, std::size_t t) const {
    if (!IsMeasured(k, t) || IsInFinalBefore(k, t)) return std::nullopt;
    for (std::size_t p = result_.tracks[k].first; p < t; ++p) {
      if (IsMeasured(k, p) && timepoints_[p].lesions[result_.tracks[k].cells[p].lesion].lesion.volume_ml > 0) return p;
    }
    return std::nullopt;
  }

  // Preliminary results are no reference: what only they have shown is still new against the final ones, where its own
  // place says so, or where it was new at first and no final one has come since.
  void TellSeenBefore(std::size_t k, std::size_t t) {
    TrackCell& cell = result_.tracks[k].cells[t];
    if (cell.split_from || !HasFinalBefore(t)) return;
    cell.seen_at = SeenOnlyPreliminaryAt(k, t);
    if (!cell.seen_at) return;
    const TrackCell& first = result_.tracks[k].cells[result_.tracks[k].first];
    const MeasuredLesion& measured = timepoints_[t].lesions[cell.lesion];
    const PriorLesion& lesion = measured.lesion;
    const bool is_asked = was_imaged_.contains(lesion.label) || unseen_.contains(lesion.label);
    if (is_asked || lesion.volume_ml <= 0 || measured.Has(kPriorRevised)) {
      cell.why = WhyNotNew(measured);
      cell.is_new = cell.why.empty();
      return;
    }
    const bool has_final_since = std::any_of(timepoints_.begin() + static_cast<std::ptrdiff_t>(*cell.seen_at),
                                             timepoints_.begin() + static_cast<std::ptrdiff_t>(t),
                                             [](const PatientTimepoint& since) { return since.is_final; });
    cell.is_new = first.is_new && !has_final_since;
    if (!cell.is_new) cell.why = first.why.empty() ? "only preliminary results have shown it before" : first.why;
  }

  [[nodiscard]] bool HasFinalBefore(std::size_t t) const {
    return std::any_of(timepoints_.begin(), timepoints_.begin() + static_cast<std::ptrdiff_t>(t),
                       [](const PatientTimepoint& before) { return before.is_final; });
  }

  void NoteObstacle(const PlaceQuestion& question, const std::string& why) {
    result_.findings.push_back({question.earlier, question.later, false, why});
    for (const std::uint16_t label : question.open_earlier) {
      TrackCell& cell = result_.tracks[*TrackOf(question.earlier, label)].cells[question.later];
      if (cell.presence != Presence::kBefore) continue;
      cell.presence = Presence::kNotCompared;
      cell.why = why;
    }
    (question.open_earlier.empty() ? unknown_ : obstacle_) = why;
  }

  void Take(const PlaceQuestion& question, const PlaceAnswer& answer) {
    const std::size_t p = question.earlier, t = question.later;
    std::map<std::uint16_t, std::size_t> now;  // of the later lesions, before any is taken
    for (std::size_t n = 0; n < timepoints_[t].lesions.size(); ++n) now[LabelAt(n, t)] = n;
    for (const LesionMatches::Pair& pair : answer.matches.pairs) {
      const std::size_t track = *TrackOf(p, pair.prior);
      const bool is_merged = result_.tracks[track].cells[t].presence == Presence::kMerged;
      if (is_merged && pair.iou < kLeastIouOfAPart) continue;  // near is not enough to come off a whole again
      Measure(track, now.at(pair.today), t);
    }
    for (const LesionMatches::Group& group : answer.matches.merged) Merge(group, question);
    for (const LesionMatches::Group& group : answer.matches.split) Split(group, question, now);
    for (const std::uint16_t label : question.open_earlier) Miss(*TrackOf(p, label), label, answer, t);
    for (const std::uint16_t label : answer.was_imaged) was_imaged_.insert(label);
  }

  void Merge(const LesionMatches::Group& group, const PlaceQuestion& question) {
    const std::size_t t = question.later;
    const std::optional<std::size_t> whole = TrackOf(t, group.one);
    if (!whole) return;
    for (const std::uint16_t label : group.many) {
      const std::size_t part = *TrackOf(question.earlier, label);
      if (part == *whole || result_.tracks[part].cells[t].presence != Presence::kBefore) continue;
      result_.tracks[part].cells[t].presence = Presence::kMerged;
      result_.tracks[part].cells[t].merged_into = *whole;
      result_.tracks[*whole].cells[t].merged_from.push_back(part);
    }
  }

  void Split(const LesionMatches::Group& group, const PlaceQuestion& question,
             const std::map<std::uint16_t, std::size_t>& now) {
    const std::size_t parent = *TrackOf(question.earlier, group.one);
    for (const std::uint16_t label : group.many) {
      const std::size_t n = now.at(label);
      if (!open_.contains(n)) continue;
      const std::size_t child = Begin(n, question.later);
      result_.tracks[child].cells[question.later].split_from = parent;
      result_.tracks[child].cells[question.later].why.clear();
      open_.erase(n);
    }
  }

  // An earlier lesion that nothing matched.
  void Miss(std::size_t track, std::uint16_t label, const PlaceAnswer& answer, std::size_t t) {
    TrackCell& cell = result_.tracks[track].cells[t];
    cell.is_partly_imaged = answer.partly_imaged.contains(label);
    if (cell.presence != Presence::kBefore) return;
    const bool is_outside = answer.not_imaged.contains(label);
    cell.presence = is_outside ? Presence::kNotImaged : Presence::kNotFound;
    const auto place = answer.place_later.find(label);
    if (!is_outside && place != answer.place_later.end()) cell.place_lps = place->second;
  }

  // Tracks that no comparison came to: seen in preliminary results only, or never with a voxel.
  void CloseTracks(std::size_t t) {
    for (LesionTrack& track : result_.tracks) {
      TrackCell& cell = track.cells[t];
      if (cell.presence != Presence::kBefore) continue;
      cell.presence = Presence::kNotCompared;
      cell.why = "no final result before holds a voxel of it";
    }
  }

  std::size_t Begin(std::size_t n, std::size_t t) {
    const MeasuredLesion& measured = timepoints_[t].lesions[n];
    const PriorLesion& lesion = measured.lesion;
    LesionTrack track{lesion.id, lesion.tracking_uid, t, std::vector<TrackCell>(t + 1)};
    TrackCell& cell = track.cells[t];
    cell.presence = Presence::kMeasured;
    cell.lesion = n;
    for (const std::size_t p : unseen_[lesion.label]) track.cells[p].is_unseen = true;
    const bool is_first = !HasFinalBefore(t);
    if (!is_first) cell.why = WhyNotNew(measured);
    cell.is_new = !is_first && cell.why.empty();
    result_.tracks.push_back(std::move(track));
    return result_.tracks.size() - 1;
  }

  // Empty: it is new.
  [[nodiscard]] std::string WhyNotNew(const MeasuredLesion& measured) const {
    if (measured.lesion.volume_ml <= 0) return "it holds no voxel";
    if (measured.Has(kPriorRevised)) return "an earlier revision of the prior had it, and the one of now has not";
    if (!obstacle_.empty()) return obstacle_;
    if (was_imaged_.contains(measured.lesion.label)) return "";
    return unknown_.empty() ? "its place was not imaged before" : unknown_;
  }

  const std::vector<PatientTimepoint>& timepoints_;
  const PlaceComparer& compare_;
  LesionTracks result_;

  // Of the timepoint that is being placed.
  std::set<std::size_t> open_;          // its lesions that have no track yet
  std::set<std::uint16_t> was_imaged_;  // labels of those whose place an earlier image holds
  std::map<std::uint16_t, std::set<std::size_t>>
      unseen_;            // by label: the timepoints that were asked and do not show it
  std::string obstacle_;  // why a comparison with lesions that are looked for could not be made
  std::string unknown_;   // the same without such lesions: what that image holds is not known
};

}  // namespace

LesionTracks FollowLesions(const std::vector<PatientTimepoint>& timepoints, const PlaceComparer& compare) {
  return Follower(timepoints, compare).Run();
}

}  // namespace dinsd
