#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/write/result_folder.h"
#include "tests/pipeline/longitudinal/made_history.h"
#include "tests/pipeline/write/made_result.h"
#include "tests/pipeline/write/valid_objects.h"
#include "tests/temp_folder.h"

namespace dinsd {

/// A patient of three DICOM studies half a year apart with the same lesions, so many, each with a tracking UID of its
/// own. The first one has 10 mL, 7 mL and 6 mL, a confirmed response; the second one is as large at each visit, and no
/// interval is known; the others double from visit to visit.
class DicomPatient {
 public:
  static constexpr int kVisits = 3;

  explicit DicomPatient(int lesions, const DicomOutputOptions& options = {}, bool is_last_preliminary = false) {
    for (int visit = 1; visit <= kVisits; ++visit) {
      studies_.push_back(
          std::make_unique<MadeResult>(lesions, false, [visit](DcmDataset& data, int k) { PutVisit(data, k, visit); }));
      StudyResult& result = studies_.back()->result;
      for (std::size_t n = 0; n < result.lesions.size(); ++n) Measure(n, visit, result);
      result.is_preliminary = is_last_preliminary && visit == kVisits;
      Publish(visit, options, result);
    }
  }

  [[nodiscard]] const std::vector<ResultOfJob>& results() const { return results_; }
  [[nodiscard]] const std::filesystem::path& images(int visit) const { return studies_.at(visit - 1U)->root(); }

  static std::string StudyUid(int visit) { return "1.2.3." + std::to_string(visit); }
  static std::string TrackingUid(std::size_t n) { return "1.2.840.99." + std::to_string(n + 1); }
  static std::string Date(int visit) {
    return std::vector<std::string>{"2024-02-03", "2024-08-03", "2025-02-03"}.at(visit - 1U);
  }

  /// The report over `history`, lesions followed by their tracking UIDs alone.
  static LongitudinalReport Report(PatientHistory history, const DicomOutputOptions& options = {}) {
    FakeComparer compare;
    LongitudinalReport report;
    report.history = std::move(history);
    report.followed = FollowLesions(report.timepoints(), compare.Comparer());
    report.verdicts = JudgeTracks(report.timepoints(), report.tracks());
    report.totals = TotalsOverTime(report);
    report.parts = BurdenParts(report);
    report.images_gone.resize(report.timepoints().size());
    report.created = "2026-02-03T04:05:06Z";
    report.software = "dinsd test";
    NameMeasuredObjects(report.history, {});
    report.dicom = MakeLongitudinalDicom(report, options);
    return report;
  }
  [[nodiscard]] LongitudinalReport Report() const { return Report(ReadPatientHistory(results_)); }

 private:
  static void PutVisit(DcmDataset& data, int k, int visit) {
    PutStudyOfAValidSeries(data, k);
    const std::string date = Date(visit), uid = StudyUid(visit);
    Put(data, DCM_StudyInstanceUID, uid);
    Put(data, DCM_SeriesInstanceUID, uid + ".4");
    Put(data, DCM_SOPInstanceUID, uid + ".4." + std::to_string(k + 1));
    Put(data, DCM_FrameOfReferenceUID, uid + ".9");
    Put(data, DCM_StudyDate, date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2));
  }

  static void Measure(std::size_t n, int visit, StudyResult& result) {
    LesionResult& lesion = result.lesions[n];
    const double first = std::vector<double>{10, 7, 6}.at(visit - 1U);
    lesion.volume_ml = n == 0 ? first : n == 1 ? 4.00005 : 0.125 * (1 << visit) * static_cast<double>(n);
    lesion.slices_spanned = 5;
    lesion.is_below_measurable = false;
    if (n != 1) lesion.interval = VolumeInterval{0.9 * lesion.volume_ml, 1.15 * lesion.volume_ml, 0.9, 6, 0.03};
    result.prompts.prompts.lesions[n].tracking_uid = TrackingUid(n);
    result.total_ml = 0;
    for (const LesionResult& one : result.lesions) result.total_ml += one.volume_ml;
  }

  void Publish(int visit, const DicomOutputOptions& options, StudyResult& result) {
    const std::filesystem::path place = folder_.path() / "results" / std::to_string(visit) / "r1";
    std::filesystem::create_directories(place);
    const std::optional<DicomOutput> dicom = DicomOutputOf(images(visit), {}, options, result);
    (void)WriteResultFolder(
        place, result, result.volume,
        {.job_id = std::to_string(visit), .created = "2026-01-02T03:04:05Z", .software = "dinsd test"}, "key",
        dicom ? &*dicom : nullptr);
    results_.push_back({visit, 1, place, images(visit), "made", "", ""});
  }

  TempFolder folder_;
  std::vector<std::unique_ptr<MadeResult>> studies_;
  std::vector<ResultOfJob> results_;
};

}  // namespace dinsd
