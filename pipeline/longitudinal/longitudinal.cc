#include "pipeline/longitudinal/longitudinal.h"

#include <algorithm>
#include <utility>

namespace dinsd {
namespace {

// A study is its patient's as long as its images say so: what was published of another one is set beside nobody's.
void LeaveOutOthers(PatientHistory& history, const StudyReadOptions& options, const OnLongitudinalProgress& progress) {
  StudyShelf shelf(history.timepoints, options);
  std::vector<PatientTimepoint> own;
  for (std::size_t t = 0; t < history.timepoints.size(); ++t) {
    const PatientTimepoint& timepoint = history.timepoints[t];
    if (progress) progress("reading the study of " + timepoint.study_date, 0);
    const std::shared_ptr<const MeasuredStudy> study = shelf.Find(t);
    if (!study || NamesPatient(*study, timepoint)) {
      own.push_back(timepoint);
    } else {
      history.left_out.push_back({timepoint.job, timepoint.revision, timepoint.study_date,
                                  "its images name another patient by now, or nobody"});
    }
  }
  history.timepoints = std::move(own);
}

// Whether this report's own comparison of the two says all of it, each by its name.
bool IsTold(const LesionTracks& followed, std::size_t earlier, std::size_t later,
            const std::vector<std::string>& flags) {
  return std::all_of(flags.begin(), flags.end(), [&](const std::string& flag) {
    return std::any_of(followed.findings.begin(), followed.findings.end(), [&](const PairFinding& finding) {
      return finding.earlier == earlier && finding.later == later && finding.sentence.starts_with(flag + ": ");
    });
  });
}

}  // namespace

std::optional<std::size_t> LongitudinalReport::Latest() const {
  for (std::size_t t = timepoints().size(); t-- > 0;) {
    if (timepoints()[t].is_final) return t;
  }
  return std::nullopt;
}

void TellFollowUps(LongitudinalReport& report) {
  std::vector<PatientTimepoint>& timepoints = report.history.timepoints;
  for (std::size_t t = 0; t < timepoints.size(); ++t) {
    const std::optional<FollowedFrom>& from = timepoints[t].followed;
    if (!from || from->flags.empty()) continue;
    const std::string sentence = from->InWords();
    const auto prior = std::find_if(timepoints.begin(), timepoints.begin() + static_cast<std::ptrdiff_t>(t),
                                    [&](const PatientTimepoint& other) { return other.job == from->job; });
    const auto p = static_cast<std::size_t>(prior - timepoints.begin());
    if (p == t) {
      timepoints[t].warnings.push_back("against its prior, job " + std::to_string(from->job) + ": " + sentence);
    } else if (!IsTold(report.followed, p, t, from->flags)) {
      report.followed.findings.push_back({p, t, true, sentence});
    }
  }
}

LongitudinalReport MakeLongitudinalReport(PatientHistory history, const LongitudinalOptions& options,
                                          const OnLongitudinalProgress& progress) {
  LongitudinalReport report;
  LeaveOutOthers(history, options.read, progress);
  if (history.timepoints.empty()) throw InputError("NO_TIMEPOINT", "results", "", "no result is left to be reported");
  CheckBaseline(history.timepoints, options.rules.baseline_date);
  report.history = std::move(history);
  report.rules = options.rules;
  report.created = options.created;
  report.software = options.software;
  StudyShelf shelf(report.timepoints(), options.read);
  ImageComparer comparer(report.timepoints(), shelf, options.compare, progress);
  report.followed =
      FollowLesions(report.timepoints(), [&](const PlaceQuestion& question) { return comparer.Compare(question); });
  TellFollowUps(report);
  report.verdicts = JudgeTracks(report.timepoints(), report.tracks(), options.rules);
  report.totals = TotalsOverTime(report);
  report.parts = BurdenParts(report);
  for (std::size_t t = 0; t < report.timepoints().size(); ++t) {
    (void)shelf.Find(t);
    report.images_gone.push_back(shelf.Obstacle(t));
  }
  report.look_at = LookAtFirst(report);
  NameMeasuredObjects(report.history, options.read.limits);
  report.dicom = MakeLongitudinalDicom(report, options.dicom);
  return report;
}

}  // namespace dinsd
