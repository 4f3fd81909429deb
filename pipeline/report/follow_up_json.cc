#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/report/follow_up_rows.h"
#include "pipeline/report/report_json.h"

namespace dinsd {
namespace {

using nlohmann::json;

json NumberOrNull(const std::optional<double>& number) {
  return number && std::isfinite(*number) ? json(*number) : json(nullptr);
}

json ClickJson(const ProposedClick& click) {
  return {{"lps_mm", click.lps},
          {"moved_mm", click.moved_mm},
          {"similarity", NumberOrNull(click.similarity)},
          {"flags", click.flags}};
}

json IntervalJson(const std::optional<PercentInterval>& interval) {
  if (!interval) return nullptr;
  return {{"low_pct", interval->low}, {"high_pct", interval->high}, {"level", 0.95}};
}

// Of the prior's DICOM objects, those that show the lesion as it was measured.
json ObjectsJson(const std::vector<ObjectPart>& objects) {
  json rows = json::array();
  for (const ObjectPart& object : objects) {
    rows.push_back({{"study_uid", object.study_uid},
                    {"series_uid", object.series_uid},
                    {"sop_class_uid", object.sop_class_uid},
                    {"sop_instance_uid", object.sop_instance_uid},
                    {"number", object.number}});
  }
  return rows;
}

json RowJson(const FollowUpRow& row) {
  json clicks = json::array();
  for (const ProposedClick& click : row.followed->clicks) clicks.push_back(ClickJson(click));
  const PriorLesion& prior = row.followed->prior;
  const VolumeChange& change = row.change;
  return {{"tracking_id", prior.id},
          {"tracking_uid", TextOrNull(prior.tracking_uid)},
          {"prior_label", prior.label},
          {"prior_ml", prior.volume_ml},
          {"prior_slices", prior.slices_spanned},
          {"prior_change_log_sd", NumberOrNull(prior.change_log_sd)},
          {"prior_objects", ObjectsJson(prior.objects)},
          {"volume_ml", row.today == nullptr ? json() : json(row.today->volume_ml)},
          {"d_abs_prior", NumberOrNull(change.ml)},
          {"d_pct_prior", NumberOrNull(change.percent)},
          {"ml_per_month", NumberOrNull(change.ml_per_month)},
          {"pct_per_month", NumberOrNull(change.percent_per_month)},
          {"d_pct_prior_interval", IntervalJson(row.interval)},
          {"class", Word(change.change)},
          {"reason", TextOrNull(change.reason)},
          {"flags", row.flags},
          {"imaged", row.followed->is_imaged},
          {"registration_flags", row.followed->flags},
          {"clicks", clicks}};
}

}  // namespace

json FollowUpJson(const StudyResult& result) {
  if (!result.follow_up) return nullptr;
  const FollowUp& follow_up = *result.follow_up;
  json lesions = json::array();
  for (const FollowUpRow& row : FollowUpRows(result)) lesions.push_back(RowJson(row));
  const RegistrationSummary& registration = follow_up.registration;
  return {{"prior_job", follow_up.job},
          {"prior_revision", follow_up.revision},
          {"prior_result_sha256", follow_up.result_sha256},
          {"proposed_from_revision", follow_up.proposed_from ? json(*follow_up.proposed_from) : json()},
          {"prior_study_date", TextOrNull(follow_up.study_date)},
          {"prior_weights_sha256", TextOrNull(follow_up.weights_sha256)},
          {"prior_method", TextOrNull(follow_up.method)},
          {"prior_options_sha256", TextOrNull(follow_up.options_sha256)},
          {"prior_software", TextOrNull(follow_up.software)},
          {"model_mismatch", TextOrNull(MethodDifference(result))},
          {"interval_days", NumberOrNull(DaysBetween(follow_up.study_date, result.study.identity.study_date))},
          {"registration",
           {{"correlation_before", registration.correlation_before},
            {"correlation_after", registration.correlation_after},
            {"affine_determinants", registration.affine_determinants},
            {"flags", registration.flags},
            {"findings", registration.findings},
            {"seconds", registration.seconds}}},
          {"lesions", lesions}};
}

}  // namespace dinsd
