#include <optional>
#include <utility>

#include "pipeline/longitudinal/longitudinal.h"
#include "pipeline/longitudinal/longitudinal_dicom.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/write/dicom_uid.h"
#include "pipeline/write/result_seg.h"
#include "pipeline/write/result_sr.h"
#include "pipeline/write/sr_figures.h"

namespace dinsd {
namespace {

// How a reference is called in concepts and words.
struct ReferenceName {
  const char* code;    // begins its concepts
  const char* change;  // the concept of the change in percent
  const char* bound;   // begins those of its bounds
  const char* words;
  const char* at;     // "at the baseline"
  const char* since;  // words that leave room for those of a bound
};
constexpr ReferenceName kPrior{"PRIOR",       "VOLUMECHANGE",       "CHANGE",
                               "prior study", "in the prior study", "change"};  // as in sr.dcm
constexpr ReferenceName kBaseline{"BASELINE", "BASELINECHANGE",  "BASELINE",
                                  "baseline", "at the baseline", "change since baseline"};
constexpr ReferenceName kNadir{"NADIR", "NADIRCHANGE", "NADIR", "nadir", "at the nadir", "change since nadir"};

DicomCode PresenceCode(Presence presence) {
  switch (presence) {
    case Presence::kBefore:
      return OwnCode("BEFORE", "Not seen yet");
    case Presence::kMeasured:
      return OwnCode("MEASURED", "Measured");
    case Presence::kNotFound:
      return OwnCode("NOT_FOUND", "Not found, though its place is imaged");
    case Presence::kNotImaged:
      return OwnCode("NOT_IMAGED", "Its place is not imaged");
    case Presence::kMerged:
      return OwnCode("MERGED", "Part of another lesion");
    case Presence::kNotCompared:
      return OwnCode("NOT_COMPARED", "Nobody can say");
  }
  return OwnCode("NOT_COMPARED", "Nobody can say");
}

const DicomCode kYes{"373066001", "SCT", "Yes"}, kNo{"373067005", "SCT", "No"};

void AddCode(SrComparison& said, const std::string& value, const std::string& meaning, const DicomCode& code) {
  said.evaluations.push_back({OwnCode(value, meaning), code, ""});
}

class Content {
 public:
  Content(const LongitudinalReport& report, const DicomOutputOptions& options) : report_(report), options_(options) {}

  [[nodiscard]] SrContent Make() const {
    SrContent content{.has_total = false, .title = "all timepoints", .series_number = "9005"};
    for (std::size_t k = 0; k < report_.tracks().size(); ++k) {
      for (std::size_t t = report_.tracks()[k].first; t < report_.timepoints().size(); ++t)
        content.lesions.push_back(Cell(k, t));
    }
    for (std::size_t t = 0; t < report_.timepoints().size(); ++t) content.lesions.push_back(Total(t));
    content.remarks = Remarks();
    return content;
  }

 private:
  [[nodiscard]] const std::string& DateOf(std::size_t t) const { return report_.timepoints()[t].study_date; }

  [[nodiscard]] SrTimePoint PointOf(std::size_t t) const {
    return {DateOf(t), report_.timepoints()[t].study_uid, static_cast<int>(t) + 1};
  }

  // The earliest one, which all timepoints of a lesion share; where no result says one, it is made of the first.
  [[nodiscard]] std::string TrackingUid(std::size_t k) const {
    const LesionTrack& track = report_.tracks()[k];
    if (!track.uid.empty()) return track.uid;
    return UidOfText("dinsd track " + report_.timepoints()[track.first].place.result_sha256 + " " + track.id);
  }

  // The result's lesion at a timepoint, else that of the last one before which has it: its site does not change.
  [[nodiscard]] const PriorLesion* DescribedBy(std::size_t k, std::size_t t) const {
    for (std::size_t x = t + 1; x-- > 0;) {
      if (const MeasuredLesion* lesion = CellLesion(report_, k, x)) return &lesion->lesion;
    }
    return nullptr;
  }

  [[nodiscard]] SrLesion Cell(std::size_t k, std::size_t t) const {
    const MeasuredLesion* measured = CellLesion(report_, k, t);
    SrLesion lesion{.time_point = PointOf(t), .is_found = measured != nullptr};
    lesion.lesion.id = report_.tracks()[k].id;
    lesion.lesion.tracking_uid = TrackingUid(k);
    if (const PriorLesion* described = DescribedBy(k, t)) {
      lesion.lesion.laterality = described->laterality;
      if (described->site) lesion.lesion.site = SiteCodeOf(*described->site, options_.replaced_sites);
      lesion.kind = KindCodeOf(described->type, options_.codes);
    }
    SrComparison& said = lesion.comparison;
    if (measured != nullptr) AddVolume(*measured, said);
    AddStanding(t, said);
    AddCode(said, "PRESENCE", "What is known of the lesion at this timepoint",
            PresenceCode(report_.tracks()[k].cells[t].presence));
    AddVerdict(k, t, said);
    AddRelatives(report_.tracks()[k].cells[t], said);
    return lesion;
  }

  void AddVolume(const MeasuredLesion& lesion, SrComparison& said) const {
    AddFigure(said, options_.codes.volume, lesion.lesion.volume_ml, kVolumeDecimals, MillilitreUnit());
    if (!said.figures.empty()) said.figures.back().sources = lesion.lesion.objects;
    if (!lesion.interval) return;
    AddBounds(said, "VOLUME", "volume", lesion.interval->level, lesion.interval->low_ml, lesion.interval->high_ml,
              kVolumeDecimals, MillilitreUnit());
  }

  void AddStanding(std::size_t t, SrComparison& said) const {
    AddCode(said, "STANDING", "Standing of the result of this timepoint",
            report_.timepoints()[t].is_final ? OwnCode("FINAL", "Final")
                                             : OwnCode("PRELIMINARY", "Preliminary: not verified by a person"));
  }

  void AddVerdict(std::size_t k, std::size_t t, SrComparison& said) const {
    const CellVerdict& verdict = report_.verdicts[k][t];
    if (verdict.change) {
      AddCode(said, "CHANGECLASS", "Class of the change since the prior study", CodeOfChange(*verdict.change));
    }
    AddWord(said, "CHANGEREASON", "Reason of the class of the change", verdict.reason);
    AddReference(kPrior, verdict.prior, said);
    AddReference(kBaseline, verdict.baseline, said);
    AddReference(kNadir, verdict.nadir, said);
    if (verdict.baseline) {
      AddCode(said, "CONFIRMED", "Confirmed response", verdict.confirmed_on.empty() ? kNo : kYes);
      AddWord(said, "CONFIRMEDDATE", "Date of the scan that confirmed the response", verdict.confirmed_on);
    }
    for (const std::string& flag : verdict.flags) AddWord(said, "FLAG", "Flag of the lesion at this timepoint", flag);
  }

  // The class against the prior is that of the cell, which stands there already.
  void AddReference(const ReferenceName& name, const std::optional<ReferenceChange>& change, SrComparison& said) const {
    if (!change) return;
    const std::string code = name.code, words = name.words;
    AddFigure(said, OwnCode(code + "VOLUME", std::string("Volume ") + name.at), change->reference_ml, kVolumeDecimals,
              MillilitreUnit());
    if (change->is_sum)
      AddFigure(said, OwnCode(code + "COMPARED", "Sum of volumes set beside the " + words), change->now_ml,
                kVolumeDecimals, MillilitreUnit());
    if (change->change.percent)
      AddFigure(said, OwnCode(name.change, "Change of the volume since the " + words), *change->change.percent,
                kPercentDecimals, PercentUnit());
    constexpr double kLevel = 0.95;  // of ReferenceChange::interval
    if (change->interval)
      AddBounds(said, name.bound, name.since, kLevel, change->interval->low, change->interval->high, kPercentDecimals,
                PercentUnit());
    if (&name != &kPrior) {
      AddCode(said, code + "CLASS", "Class of the change since the " + words, CodeOfChange(change->change.change));
      AddWord(said, code + "REASON", "Reason of that class, " + words, change->change.reason);
    }
    AddWord(said, code + "DATE", "Date of the " + words, DateOf(change->reference));
  }

  void AddRelatives(const TrackCell& cell, SrComparison& said) const {
    if (cell.merged_into)
      AddWord(said, "MERGEDINTO", "Tracking UID of the lesion that it is part of", TrackingUid(*cell.merged_into));
    if (cell.split_from)
      AddWord(said, "SPLITFROM", "Tracking UID of the lesion that it came off", TrackingUid(*cell.split_from));
  }

  // One tracking for the totals of all timepoints.
  [[nodiscard]] SrLesion Total(std::size_t t) const {
    const TimepointTotals& totals = report_.totals[t];
    SrLesion total{.time_point = PointOf(t), .is_found = true};
    total.lesion.id = kSrTotalId;
    total.lesion.tracking_uid = UidOfText("dinsd totals " + report_.history.issuer + "\n" + report_.history.patient +
                                          "\n" + report_.timepoints().front().study_uid);
    SrComparison& said = total.comparison;
    AddFigure(said, options_.codes.volume, totals.total_ml, kVolumeDecimals, MillilitreUnit());
    if (!said.figures.empty()) said.figures.back().is_total = true;
    const DicomCode no_units{"1", "UCUM", "no units"};
    AddFigure(said, OwnCode("LESIONS", "Number of lesions"), static_cast<double>(totals.lesions), 0, no_units);
    AddStanding(t, said);
    if (!totals.matched) return total;
    AddFigure(said, OwnCode("MATCHEDVOLUME", "Volume of the lesions that the prior study has too"),
              totals.matched->now_ml, kVolumeDecimals, MillilitreUnit());
    AddFigure(said, OwnCode("MATCHEDPRIOR", "Volume of the same lesions in the prior study"), totals.matched->prior_ml,
              kVolumeDecimals, MillilitreUnit());
    AddWord(said, "PRIORDATE", "Date of the prior study", DateOf(totals.matched->prior));
    return total;
  }

  [[nodiscard]] std::vector<std::string> Remarks() const {
    std::vector<std::string> remarks = {"Research use only: not for diagnosis.", RulesInWords()};
    for (std::size_t t = 0; t < report_.timepoints().size(); ++t) remarks.push_back(TimepointInWords(t));
    for (const LeftOutResult& left : report_.history.left_out) {
      remarks.push_back("Left out: job " + std::to_string(left.job) + ", revision " + std::to_string(left.revision) +
                        (left.study_date.empty() ? "" : " of " + left.study_date) + ": " + left.reason);
    }
    for (const PairFinding& finding : report_.followed.findings) {
      if (!finding.is_compared)
        remarks.push_back(DateOf(finding.later) + " was not compared with " + DateOf(finding.earlier) + ": " +
                          finding.sentence);
    }
    return remarks;
  }

  [[nodiscard]] std::string RulesInWords() const {
    const ChangeRules& rules = report_.rules;
    return "Prior: the last final timepoint before. Baseline: the first final one with the lesion" +
           (rules.baseline_date.empty() ? "" : " from " + rules.baseline_date + " on") +
           ". Nadir: the smallest volume since. A response is confirmed by consecutive scans " +
           std::to_string(rules.confirming_months) + " months or more apart.";
  }

  [[nodiscard]] std::string TimepointInWords(std::size_t t) const {
    const PatientTimepoint& timepoint = report_.timepoints()[t];
    std::string words = "Timepoint " + std::to_string(t + 1) + ", " + timepoint.study_date + ": job " +
                        std::to_string(timepoint.job) + ", revision " + std::to_string(timepoint.revision) + ", ";
    words.append(timepoint.is_final ? "final" : "preliminary");
    words.append(", SHA-256 of its result.json ").append(timepoint.place.result_sha256);
    if (!timepoint.method.weights.empty()) words.append(", weights ").append(timepoint.method.weights);
    if (timepoint.is_out_of_domain) words.append(", out of domain");
    return words;
  }

  const LongitudinalReport& report_;
  const DicomOutputOptions& options_;
};

}  // namespace

SrContent LongitudinalSrContent(const LongitudinalReport& report, const DicomOutputOptions& options) {
  return Content(report, options).Make();
}

}  // namespace dinsd
