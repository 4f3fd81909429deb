#include "pipeline/longitudinal/longitudinal.h"

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

}  // namespace

std::optional<std::size_t> LongitudinalReport::Latest() const {
  for (std::size_t t = timepoints().size(); t-- > 0;) {
    if (timepoints()[t].is_final) return t;
  }
  return std::nullopt;
}

LongitudinalReport MakeLongitudinalReport(PatientHistory history, const LongitudinalOptions& options,
                                          const OnLongitudinalProgress& progress) {
  LongitudinalReport report;
  LeaveOutOthers(history, options.read, progress);
  if (history.timepoints.empty()) throw InputError("NO_TIMEPOINT", "results", "", "no result is left to be reported");
  report.history = std::move(history);
  report.rules = options.rules;
  report.created = options.created;
  report.software = options.software;
  StudyShelf shelf(report.timepoints(), options.read);
  ImageComparer comparer(report.timepoints(), shelf, options.compare, progress);
  report.followed =
      FollowLesions(report.timepoints(), [&](const PlaceQuestion& question) { return comparer.Compare(question); });
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
