#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/followup/timepoint.h"

namespace dinsd {

/// How far off the volume of a lesion may be, as its result says it.
struct ReportedInterval {
  double low_ml = 0, high_ml = 0;
  double level = 0;                     // such as 0.9
  int runs = 0;                         // of the segmentation, with other clicks
  std::optional<double> change_log_sd;  // standard deviation of the logarithm of the volume, for changes
};

/// The flag of a lesion that follows one which its prior had until it was revised.
inline constexpr const char* kPriorRevised = "prior_revised";

/// One lesion as a published result has it.
struct MeasuredLesion {
  PriorLesion
      lesion;  // its tracking UID is empty where none says anything (clicks gave none, and no UID names the study)
  std::optional<int> clicks_positive, clicks_negative;
  std::vector<std::string> flags;
  std::optional<ReportedInterval> interval;
  std::string no_interval;  // why there is none, a clause

  [[nodiscard]] bool Has(const std::string& flag) const;
};

/// What volumes were measured with. Two results of another method are not compared without a word.
struct MeasuringMethod {
  std::string weights, weights_sha256, options_sha256, software;
  std::string imported_sha256;  // of a mask that others made: no network measured it, and no two are the same method
};

/// "other weights", "other options", "another version", joined, or "a mask of others"; empty where both are the same.
[[nodiscard]] std::string DifferenceInWords(const MeasuringMethod& a, const MeasuringMethod& b);

/// From which result a study without clicks was followed.
struct FollowedFrom {
  std::int64_t job = 0, revision = 0;
  std::string result_sha256;
  std::set<std::uint16_t> not_imaged;             // labels of that result's mask whose place this study does not show
  std::map<std::uint16_t, std::string> id_today;  // by label, what its lesion would be called in this study
  std::vector<std::string> flags{};               // what spoke against the prior, as PriorFinding names it
  std::string findings{};                         // the same with its figures, sentences
  bool is_revised = false;  // since clicks were proposed from it: what has labels here, and prior_mask.nii.gz, has
                            // those of the revision before

  /// "mask_not_bright, mask_off_edges: ", and the sentences.
  [[nodiscard]] std::string InWords() const;
};

/// A revision that another one replaced.
struct SupersededRevision {
  std::int64_t revision = 0;
  std::string standing;  // "final", "preliminary", or "not there"
};

/// One study of a patient by the newest result of its job.
struct PatientTimepoint {
  ResultPlace place;
  std::int64_t job = 0, revision = 0;
  std::string patient, issuer, study_date, study_uid;
  bool is_final = false;
  std::string created;
  std::string verified_by;  // pseudonym
  MeasuringMethod method;
  std::vector<MeasuredLesion> lesions;
  double total_ml = 0;
  double voxel_mm3 = 0, slice_spacing_mm = 0;
  std::string series_uid;
  int measurable_slices = 3;
  bool is_out_of_domain = false;
  bool has_geometry_warning = false;
  std::optional<double> weight_kg, size_m, age_years;
  std::vector<double> affine_determinants;  // of its registration with its prior, where it was followed
  std::optional<FollowedFrom> followed;
  std::vector<SupersededRevision> superseded;  // ascending
  std::vector<std::string> warnings{};  // of an imported mask, by its own result, and of a follow-up against a prior
                                        // that is no timepoint here; sentences
};

/// Reads what a published result says of itself; its files must have the digests of its result.json. Sets
/// place.result_sha256. Throws InputError: PRIOR_RESULT with file and reason where it is no result, is no longer as it
/// was published, or cannot be understood.
[[nodiscard]] PatientTimepoint ReadPatientTimepoint(ResultPlace place);

}  // namespace dinsd
