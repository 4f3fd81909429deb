#include <cmath>
#include <nlohmann/json.hpp>

#include "pipeline/longitudinal/longitudinal_files.h"
#include "pipeline/longitudinal/longitudinal_words.h"
#include "pipeline/report/report_json.h"

namespace dinsd {
namespace {

using nlohmann::json;

json NumberOrNull(const std::optional<double>& number) {
  return number && std::isfinite(*number) ? json(*number) : json(nullptr);
}

json SupersededJson(const PatientTimepoint& timepoint) {
  json rows = json::array();
  for (const SupersededRevision& revision : timepoint.superseded)
    rows.push_back({{"revision", revision.revision}, {"standing", revision.standing}});
  return rows;
}

json MatchedJson(const std::optional<MatchedSum>& matched, const LongitudinalReport& report) {
  if (!matched) return nullptr;
  return {{"prior_study_date", report.timepoints()[matched->prior].study_date},
          {"lesions", matched->lesions},
          {"prior_ml", matched->prior_ml},
          {"now_ml", matched->now_ml}};
}

json TimepointJson(const LongitudinalReport& report, std::size_t t) {
  const PatientTimepoint& timepoint = report.timepoints()[t];
  const MeasuringMethod& method = timepoint.method;
  const TimepointTotals& totals = report.totals[t];
  return {{"study_date", timepoint.study_date},
          {"job", timepoint.job},
          {"revision", timepoint.revision},
          {"result_sha256", timepoint.place.result_sha256},
          {"state", timepoint.is_final ? "final" : "preliminary"},
          {"superseded", SupersededJson(timepoint)},
          {"created", TextOrNull(timepoint.created)},
          {"operator", TextOrNull(timepoint.verified_by)},
          {"method",
           {{"weights", TextOrNull(method.weights)},
            {"weights_sha256", TextOrNull(method.weights_sha256)},
            {"options_sha256", TextOrNull(method.options_sha256)},
            {"software", TextOrNull(method.software)}}},
          {"out_of_domain", timepoint.is_out_of_domain},
          {"geometry_warning", timepoint.has_geometry_warning},
          {"warnings", timepoint.warnings},
          {"images_gone", TextOrNull(report.images_gone[t])},
          {"voxel_mm3", timepoint.voxel_mm3},
          {"slice_spacing_mm", timepoint.slice_spacing_mm},
          {"weight_kg", NumberOrNull(timepoint.weight_kg)},
          {"size_m", NumberOrNull(timepoint.size_m)},
          {"age_years", NumberOrNull(timepoint.age_years)},
          {"affine_determinants", timepoint.affine_determinants},
          {"totals",
           {{"preliminary", !timepoint.is_final},
            {"lesions", totals.lesions},
            {"lesions_with_voxels", totals.with_voxels},
            {"volume_ml", totals.total_ml},
            {"matched_with_prior", MatchedJson(totals.matched, report)}}}};
}

json IntervalJson(const MeasuredLesion& lesion) {
  if (!lesion.interval) return nullptr;
  const ReportedInterval& interval = *lesion.interval;
  return {{"low_ml", interval.low_ml},
          {"high_ml", interval.high_ml},
          {"level", interval.level},
          {"runs", interval.runs},
          {"change_log_sd", NumberOrNull(interval.change_log_sd)}};
}

json LesionJson(const MeasuredLesion* lesion) {
  if (lesion == nullptr) return nullptr;
  const PriorLesion& given = lesion->lesion;
  return {{"tracking_id", given.id},
          {"tracking_uid", TextOrNull(given.tracking_uid)},
          {"label", given.label},
          {"volume_ml", given.volume_ml},
          {"slices_spanned", given.slices_spanned},
          {"interval", IntervalJson(*lesion)},
          {"no_interval", TextOrNull(lesion->interval ? "" : lesion->no_interval)},
          {"clicks_positive", lesion->clicks_positive ? json(*lesion->clicks_positive) : json()},
          {"clicks_negative", lesion->clicks_negative ? json(*lesion->clicks_negative) : json()}};
}

json ChangeJson(const std::optional<ReferenceChange>& change, const LongitudinalReport& report) {
  if (!change) return nullptr;
  json interval = nullptr;
  if (change->interval)
    interval = {{"low_pct", change->interval->low}, {"high_pct", change->interval->high}, {"level", 0.95}};
  return {{"study_date", report.timepoints()[change->reference].study_date},
          {"reference_ml", change->reference_ml},
          {"now_ml", change->now_ml},
          {"is_sum", change->is_sum},
          {"days", NumberOrNull(change->days)},
          {"d_abs_ml", NumberOrNull(change->change.ml)},
          {"d_pct", NumberOrNull(change->change.percent)},
          {"ml_per_month", NumberOrNull(change->change.ml_per_month)},
          {"pct_per_month", NumberOrNull(change->change.percent_per_month)},
          {"interval", interval},
          {"class", Word(change->change.change)},
          {"reason", TextOrNull(change->change.reason)},
          {"model_mismatch", TextOrNull(change->mismatch)}};
}

json NumberOf(const std::optional<std::size_t>& track) {
  return track ? json(*track + 1) : json(nullptr);
}

json CellJson(const LongitudinalReport& report, std::size_t k, std::size_t t) {
  const TrackCell& cell = report.tracks()[k].cells[t];
  const CellVerdict& verdict = report.verdicts[k][t];
  json merged_from = json::array();
  for (const std::size_t other : cell.merged_from) merged_from.push_back(other + 1);
  return {{"study_date", report.timepoints()[t].study_date},
          {"shown", ClassWords(report, k, t)},
          {"lesion", LesionJson(CellLesion(report, k, t))},
          {"class", verdict.change ? json(Word(*verdict.change)) : json()},
          {"reason", TextOrNull(verdict.reason)},
          {"prior", ChangeJson(verdict.prior, report)},
          {"baseline", ChangeJson(verdict.baseline, report)},
          {"nadir", ChangeJson(verdict.nadir, report)},
          {"confirmed_response_on", TextOrNull(verdict.confirmed_on)},
          {"merged_from", merged_from},
          {"merged_into", NumberOf(cell.merged_into)},
          {"split_from", NumberOf(cell.split_from)},
          {"seen_preliminary_on", cell.seen_at ? json(report.timepoints()[*cell.seen_at].study_date) : json()},
          {"flags", verdict.flags}};
}

json TracksJson(const LongitudinalReport& report) {
  json tracks = json::array();
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    const LesionTrack& track = report.tracks()[k];
    json cells = json::array();
    for (std::size_t t = track.first; t < report.timepoints().size(); ++t) cells.push_back(CellJson(report, k, t));
    tracks.push_back({{"no", k + 1},
                      {"tracking_id", track.id},
                      {"tracking_uid", TextOrNull(track.uid)},
                      {"site", TextOrNull(SiteOfTrack(report, k))},
                      {"cells", cells}});
  }
  return tracks;
}

json PartsJson(const LongitudinalReport& report) {
  json parts = json::array(), preliminary = json::array();
  for (const PatientTimepoint& timepoint : report.timepoints()) preliminary.push_back(!timepoint.is_final);
  for (const BurdenPart& part : report.parts) {
    json ml = json::array();
    for (const std::optional<double>& volume : part.ml) ml.push_back(NumberOrNull(volume));
    parts.push_back({{"kind", part.kind}, {"name", part.name}, {"volume_ml", ml}, {"preliminary", preliminary}});
  }
  return parts;
}

}  // namespace

json LongitudinalJson(const LongitudinalReport& report) {
  json timepoints = json::array(), left_out = json::array(), findings = json::array(), look_at = json::array();
  for (std::size_t t = 0; t < report.timepoints().size(); ++t) timepoints.push_back(TimepointJson(report, t));
  for (const LeftOutResult& left : report.history.left_out)
    left_out.push_back({{"job", left.job},
                        {"revision", left.revision},
                        {"study_date", TextOrNull(left.study_date)},
                        {"reason", left.reason}});
  for (const PairFinding& finding : report.followed.findings)
    findings.push_back({{"earlier", report.timepoints()[finding.earlier].study_date},
                        {"later", report.timepoints()[finding.later].study_date},
                        {"compared", finding.is_compared},
                        {"sentence", finding.sentence}});
  for (const LookAt& item : report.look_at)
    look_at.push_back({{"no", NumberOf(item.track)}, {"what", item.what}, {"why", item.why}});
  json document = {{"schema", kLongitudinalSchema},
                   {"research_use_only", true},
                   {"created", TextOrNull(report.created)},
                   {"software", TextOrNull(report.software)},
                   {"patient", TextOrNull(report.history.patient)},
                   {"issuer", TextOrNull(report.history.issuer)},
                   {"dicom",
                    {{"file", TextOrNull(report.dicom.bytes.empty() ? "" : kLongitudinalDicom)},
                     {"reason", TextOrNull(report.dicom.why_none)}}},
                   {"rules",
                    {{"change_pct", report.rules.change.percent},
                     {"baseline_date", TextOrNull(report.rules.baseline_date)},
                     {"confirming_months", report.rules.confirming_months}}},
                   {"timepoints", timepoints},
                   {"left_out", left_out},
                   {"comparisons", findings},
                   {"look_at", look_at},
                   {"lesions", TracksJson(report)},
                   {"burden", PartsJson(report)}};
  CleanStrings(document);
  return document;
}

}  // namespace dinsd
