#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/longitudinal/image_comparer.h"
#include "pipeline/longitudinal/lesion_change.h"
#include "pipeline/longitudinal/lesion_track.h"
#include "pipeline/longitudinal/longitudinal_dicom.h"
#include "pipeline/longitudinal/patient_history.h"

namespace dinsd {

/// The volume of what two timepoints both have, each lesion once.
struct MatchedSum {
  std::size_t prior = 0;  // timepoint
  double prior_ml = 0, now_ml = 0;
  std::size_t lesions = 0;  // tracks in it
};

struct TimepointTotals {
  double total_ml = 0;
  std::size_t lesions = 0, with_voxels = 0;
  std::optional<MatchedSum> matched;  // nothing without a final timepoint before
};

/// The burden of a part of the lesions over time.
struct BurdenPart {
  std::string kind, name;  // "region" "Thigh", "type" "plexiform", "depth" "internal", "side" "left"; what no clicks
                           // say is "not given"
  std::vector<std::optional<double>> ml;  // by timepoint; nothing where no lesion of it was measured
};

/// What a person must look at.
struct LookAt {
  int urgency = 0;                   // 0 first
  std::optional<std::size_t> track;  // nothing: it concerns a whole timepoint
  std::string what, why;
  double ml = 0;  // how much it is about: of equal urgency the largest is first
};

/// Everything about one patient over all timepoints; what page, table, JSON and
/// structured report are made from.
struct LongitudinalReport {
  PatientHistory history;
  LesionTracks followed;
  std::vector<std::vector<CellVerdict>> verdicts;  // [track][timepoint]
  std::vector<TimepointTotals> totals;             // by timepoint
  std::vector<BurdenPart> parts;
  std::vector<std::string> images_gone;  // by timepoint: why its images cannot be shown; empty where they can
  std::vector<LookAt> look_at;           // most urgent first
  ChangeRules rules;
  std::string created, software;
  LongitudinalDicom dicom;

  [[nodiscard]] const std::vector<PatientTimepoint>& timepoints() const { return history.timepoints; }
  [[nodiscard]] const std::vector<LesionTrack>& tracks() const { return followed.tracks; }
  /// The last final timepoint; nothing where there is none.
  [[nodiscard]] std::optional<std::size_t> Latest() const;
};

struct LongitudinalOptions {
  StudyReadOptions read;
  ComparingOptions compare;
  ChangeRules rules;
  DicomOutputOptions dicom;  // whether a structured report is wanted, and its codes
  std::string created;       // RFC 3339
  std::string software;      // name and version
};

/// THE STORY of a patient's report: studies whose images name another patient by now are left out, lesions followed
/// over time, changes judged, burdens added up, what a person must look at put first, and all of it put into a
/// structured report. Slow: images are registered where tracking UIDs leave something open. Throws InputError
/// NO_TIMEPOINT where nothing is left to report, and those of CheckBaseline.
[[nodiscard]] LongitudinalReport MakeLongitudinalReport(PatientHistory history, const LongitudinalOptions& options,
                                                        const OnLongitudinalProgress& progress = {});

/// Adds what spoke against a prior when clicks were proposed from it, as the follow-up's own result has it, to the
/// findings of the pair, unless these say it already; where tracking UIDs tell all lesions, nothing is registered here
/// that would. Of a prior that is no timepoint it is a warning of the follow-up. After lesions were followed.
void TellFollowUps(LongitudinalReport& report);

/// The parts of it, after lesions were followed and judged.
[[nodiscard]] std::vector<TimepointTotals> TotalsOverTime(const LongitudinalReport& report);
[[nodiscard]] std::vector<BurdenPart> BurdenParts(const LongitudinalReport& report);
[[nodiscard]] std::vector<LookAt> LookAtFirst(const LongitudinalReport& report);

}  // namespace dinsd
