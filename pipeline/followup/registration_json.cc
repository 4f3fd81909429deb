#include "pipeline/followup/registration_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace dinsd {
namespace {

using nlohmann::json;

json NumberOrNull(const std::optional<double>& number) {
  return number && std::isfinite(*number) ? json(*number) : json(nullptr);
}

json OptionsJson(const RegistrationOptions& o) {
  json passes = json::array();
  for (const SplinePass& p : o.splines)
    passes.push_back({{"working_mm", p.working_mm}, {"grid_mm", p.grid_mm}, {"iterations", p.iterations}});
  return {{"working_mm", o.working_mm},
          {"start_mm", o.start_mm},
          {"starts", o.starts},
          {"rigid_levels", o.rigid_levels},
          {"linear_iterations", o.linear_iterations},
          {"samples", o.samples},
          {"bins", o.bins},
          {"seed", o.seed},
          {"splines", std::move(passes)},
          {"spline_reach", o.spline_reach},
          {"slice_reach_mm", o.slice_reach_mm},
          {"bending_weight", o.bending_weight},
          {"check_round_trip", o.check_round_trip},
          {"least_gain", o.least_gain},
          {"good_correlation", o.good_correlation},
          {"least_jacobian", o.least_jacobian},
          {"most_jacobian", o.most_jacobian},
          {"folded_share", o.folded_share}};
}

json PartJson(const Registration& part) {
  json stages = json::array();
  for (const StageSimilarity& s : part.stages)
    stages.push_back({{"stage", s.stage},
                      {"correlation", s.similarity.correlation},
                      {"mutual_information_nats", s.similarity.mutual_information},
                      {"share_imaged", s.similarity.share_imaged}});
  return {{"stages", std::move(stages)},
          {"affine_determinant", part.affine_determinant},
          {"jacobian",
           {{"least", part.least_jacobian}, {"most", part.most_jacobian}, {"share_outside", part.folded_share}}},
          {"flags", part.flags}};
}

json LesionJson(const WarpedLesion& lesion) {
  return {{"label", lesion.label},
          {"centre_prior_lps_mm", lesion.centre_prior},
          {"centre_today_lps_mm", lesion.centre_today},
          {"voxels_prior", lesion.voxels_prior},
          {"voxels_today", lesion.voxels_today},
          {"share_imaged", lesion.share_imaged},
          {"round_trip_mm", NumberOrNull(lesion.round_trip_mm)},
          {"flags", lesion.flags}};
}

json CheckJson(const PriorCheck& check) {
  json findings = json::array();
  for (const PriorFinding& f : check.findings)
    findings.push_back({{"name", f.name}, {"verdict", NameOf(f.verdict)}, {"sentence", f.sentence}});
  const PriorEvidence& e = check.evidence;
  return {{"verdict", NameOf(check.verdict)},
          {"findings", std::move(findings)},
          {"evidence",
           {{"correlation", NumberOrNull(e.correlation)},
            {"detail", NumberOrNull(e.detail)},
            {"mirrored_detail", NumberOrNull(e.mirrored_detail)},
            {"share_imaged", NumberOrNull(e.share_imaged)},
            {"bright_prior", NumberOrNull(e.bright_prior)},
            {"rim_step", NumberOrNull(e.rim_step)},
            {"rim_deviations", NumberOrNull(e.rim_deviations)},
            {"bright_today", NumberOrNull(e.bright_today)},
            {"round_trip_mm", NumberOrNull(e.round_trip_mm)}}}};
}

}  // namespace

std::string RegistrationReport(const RegistrationAccount& account) {
  json stations = json::array(), lesions = json::array();
  for (const Registration& part : account.registration.parts) stations.push_back(PartJson(part));
  if (account.warped != nullptr) {
    for (const WarpedLesion& lesion : account.warped->lesions) lesions.push_back(LesionJson(lesion));
  }
  const json document = {{"schema", "dinsd-registration-report/1"},
                         {"software", "dinsd " DINSD_VERSION},
                         {"key", account.key},
                         {"options", OptionsJson(account.options)},
                         {"stations", std::move(stations)},
                         {"flags", account.registration.Flags()},
                         {"lesions", account.warped != nullptr ? std::move(lesions) : json()},
                         {"check", account.check != nullptr ? CheckJson(*account.check) : json()}};
  return document.dump(2) + "\n";
}

}  // namespace dinsd
