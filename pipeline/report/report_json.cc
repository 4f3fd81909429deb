#include "pipeline/report/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "pipeline/interval/interval_options_json.h"
#include "pipeline/report/follow_up_rows.h"
#include "pipeline/report/interval_json.h"
#include "pipeline/report/report.h"
#include "pipeline/report/report_facts.h"
#include "pipeline/report/review_json.h"
#include "pipeline/report/safe_text.h"

namespace dinsd {
namespace {

using nlohmann::json;

json NumberOrNull(const std::optional<double>& number) {
  return number && std::isfinite(*number) ? json(*number) : json(nullptr);
}

json StudyJson(const StudyResult& result) {
  const StudyIdentity& identity = result.study.identity;
  return {{"name", TextOrNull(result.study.name)},         {"patient", TextOrNull(identity.patient)},
          {"issuer", TextOrNull(identity.issuer)},         {"study_uid", TextOrNull(identity.study_uid)},
          {"study_date", TextOrNull(identity.study_date)}, {"weight_kg", NumberOrNull(identity.weight_kg)},
          {"size_m", NumberOrNull(identity.size_m)},       {"age_years", NumberOrNull(identity.age_years)},
          {"has_manifest", result.study.has_manifest},     {"has_history", HasHistory(result)}};
}

json FilesJson(const StudyImage& image) {
  json files = json::array();
  for (std::size_t i = 0; i < image.files.size(); ++i) {
    const bool has_digest = i < image.file_sha256.size();
    files.push_back({{"file", image.files[i]}, {"sha256", has_digest ? TextOrNull(image.file_sha256[i]) : json()}});
  }
  return files;
}

json GridJson(const GridGeometry& grid) {
  return {{"size_ijk", grid.size},
          {"spacing_mm_ijk", grid.spacing},
          {"origin_lps_mm", grid.origin},
          {"direction_lps", grid.direction}};
}

json StationsJson(const StudyResult& result) {
  json stations = json::array();
  const std::vector<SeriesMask> masks = SeriesMasksOf(result);
  for (std::size_t s = 0; s < result.image.stations.size(); ++s) {
    const StudyImage& station = result.image.stations[s];
    stations.push_back({{"series_uid", TextOrNull(station.series_uid)},
                        {"part", TextOrNull(station.part)},
                        {"description", TextOrNull(station.description)},
                        {"reason", TextOrNull(station.reason)},
                        {"grid", GridJson(station.grid)},
                        {"mask", masks.at(s).name + ".nii.gz"}});
  }
  return stations;
}

json ImageJson(const StudyImage& image) {
  const GridGeometry& grid = image.grid;
  return {{"format", FormatWord(image.format)},
          {"files", FilesJson(image)},
          {"series_uid", TextOrNull(image.series_uid)},
          {"frame_of_reference_uid", TextOrNull(image.frame_of_reference_uid)},
          {"sequence", TextOrNull(image.sequence)},
          {"description", TextOrNull(image.description)},
          {"reason", TextOrNull(image.reason)},
          {"notes", image.notes},
          {"grid", GridJson(grid)},
          {"voxel_volume_ml", grid.VoxelVolumeMl()},
          {"slice_spacing_mm", SliceSpacingMm(grid)}};
}

json OtherImagesJson(const StudyResult& result) {
  json others = json::array();
  for (const StudyImage& image : result.study.images) {
    if (image.is_chosen) continue;
    others.push_back({{"files", image.files},
                      {"series_uid", TextOrNull(image.series_uid)},
                      {"description", TextOrNull(image.description)},
                      {"reason", TextOrNull(image.error ? std::string(image.error->what()) : image.reason)}});
  }
  return others;
}

// Only of a study in stations; those of a lesion are counted from 1, as their masks are.
void AddStations(const StudyResult& result, json& report) {
  report["image"]["stations"] = StationsJson(result);
  for (std::size_t i = 0; i < result.lesions.size(); ++i) {
    json& stations = report["lesions"][i]["stations"] = json::array();
    for (const std::size_t s : result.lesions[i].stations) stations.push_back(s + 1);
  }
}

json SiteJson(const PromptLesion* prompts) {
  if (prompts == nullptr || !prompts->site) return nullptr;
  return {{"value", prompts->site->value}, {"scheme", prompts->site->scheme}, {"meaning", prompts->site->meaning}};
}

json LesionJson(const StudyResult& result, std::size_t index) {
  const LesionResult& lesion = result.lesions[index];
  const PromptLesion* prompts = PromptsOf(result, index);
  const auto given = [&](std::string PromptLesion::*field) {
    return prompts == nullptr ? json() : TextOrNull(prompts->*field);
  };
  json row = {{"tracking_id", lesion.id},
              {"tracking_uid", given(&PromptLesion::tracking_uid)},
              {"label", lesion.label},
              {"site", SiteJson(prompts)},
              {"laterality", given(&PromptLesion::laterality)},
              {"type", given(&PromptLesion::type)},
              {"depth", given(&PromptLesion::depth)},
              {"voxels", lesion.voxels},
              {"volume_ml", lesion.volume_ml},
              {"slices_spanned", lesion.slices_spanned},
              {"clicks_positive", lesion.clicks_positive},
              {"clicks_negative", lesion.clicks_negative},
              {"below_measurable", lesion.is_below_measurable},
              {"flags", FlagsOf(result, index)},
              {"warnings", lesion.warnings}};
  AddInterval(lesion, row);
  return row;
}

json TotalsJson(const StudyResult& result) {
  const ReportTotals totals = TotalsOf(result);
  const auto looked_for = [&](const json& figure) { return result.imported ? json(nullptr) : figure; };
  return {{"lesions", totals.lesions},
          {"lesions_with_voxels", totals.with_voxels},
          {"lesions_below_measurable", totals.below_measurable},
          {"volume_ml", result.total_ml},
          {"largest_volume_ml", totals.largest != nullptr ? json(totals.largest->volume_ml) : json()},
          {"largest_tracking_id", totals.largest != nullptr ? json(totals.largest->id) : json()},
          {"unprompted_voxels", looked_for(result.unprompted_voxels)},
          {"unprompted_volume_ml", looked_for(result.unprompted_ml)},
          {"unprompted_components", looked_for(result.unprompted_components)}};
}

json PromptsJson(const StudyResult& result) {
  const PromptProvenance& provenance = result.prompts.prompts.provenance;
  return {{"file", TextOrNull(result.prompts.file)},
          {"sha256", TextOrNull(result.prompts.sha256)},
          {"source", TextOrNull(provenance.source)},
          {"created", TextOrNull(provenance.created)},
          {"tool", TextOrNull(provenance.tool)},
          {"tool_version", TextOrNull(provenance.tool_version)},
          {"operator", TextOrNull(provenance.operator_pseudonym)},
          {"imported_from", TextOrNull(provenance.imported_from)},
          {"remark", TextOrNull(provenance.remark)},
          {"background_clicks", result.resolved.background.size()},
          {"not_taken", result.prompts.others}};
}

json RunJson(const StudyResult& result) {
  json timings = json::array();
  for (const StageTiming& timing : result.timings) {
    timings.push_back({{"stage", timing.stage}, {"seconds", timing.seconds}});
  }
  return {{"mode", TextOrNull(result.mode)},
          {"mode_reason", TextOrNull(result.mode_reason)},
          {"weights", TextOrNull(result.weights_name)},
          {"weights_sha256", TextOrNull(result.weights_sha256)},
          {"trained_for", result.manifest.trained_for},
          {"training_data", TextOrNull(result.manifest.training_data)},
          {"weights_licence", TextOrNull(result.manifest.licence)},
          {"device", TextOrNull(result.device)},
          {"options", OptionsJson(result.options)},
          {"interval", IntervalOptionsJson(result.options.interval)},
          {"timings", timings},
          {"peak_memory_gib", result.peak_memory_gib > 0 ? json(result.peak_memory_gib) : json()}};
}

}  // namespace

json ImportedJson(const ImportedMask& mask) {
  json files = json::array(), lesions = json::array();
  for (const ImportedFile& file : mask.files) {
    files.push_back(
        {{"file", file.file}, {"sha256", file.sha256}, {"sop_instance_uid", TextOrNull(file.sop_instance_uid)}});
  }
  for (const ImportedLesion& lesion : mask.lesions) {
    lesions.push_back(
        {{"tracking_id", lesion.id}, {"file", lesion.file}, {"number", lesion.number}, {"reason", lesion.reason}});
  }
  return {{"kind", mask.kind},     {"maker", mask.maker}, {"made", TextOrNull(mask.made)},
          {"sha256", mask.sha256}, {"files", files},      {"lesions", lesions}};
}

json TextOrNull(const std::string& text) {
  return text.empty() ? json(nullptr) : json(text);
}

void CleanStrings(json& value) {
  if (value.is_string()) {
    value = CleanUtf8(value.get_ref<const std::string&>());
  } else if (value.is_object()) {
    json clean = json::object();
    for (auto& [key, member] : value.items()) {
      CleanStrings(member);
      clean[CleanUtf8(key)] = std::move(member);
    }
    value = std::move(clean);
  } else if (value.is_array()) {
    for (json& member : value) CleanStrings(member);
  }
}

json ReportJson(const StudyResult& result, const ReportContext& context) {
  json lesions = json::array();
  for (std::size_t i = 0; i < result.lesions.size(); ++i) lesions.push_back(LesionJson(result, i));
  json report = {{"schema", "dinsd-report/1"},
                 {"research_use_only", true},
                 {"job_id", TextOrNull(context.job_id)},
                 {"revision", context.revision},
                 {"created", TextOrNull(context.created)},
                 {"software", TextOrNull(context.software)},
                 {"state", IsPreliminary(result) ? "preliminary" : "final"},
                 {"out_of_domain", result.is_out_of_domain},
                 {"empty_reason", TextOrNull(result.empty_reason)},
                 {"warnings", WarningsOf(result)},
                 {"study", StudyJson(result)},
                 {"image", ImageJson(result.image)},
                 {"other_images", OtherImagesJson(result)},
                 {"totals", TotalsJson(result)},
                 {"lesions", lesions},
                 {"prompts", PromptsJson(result)},
                 {"run", RunJson(result)}};
  if (!result.image.stations.empty()) AddStations(result, report);
  if (result.follow_up) report["follow_up"] = FollowUpJson(result);
  if (result.review) report["review"] = ReviewJson(*result.review);
  if (result.imported) report["imported"] = ImportedJson(*result.imported);
  CleanStrings(report);
  return report;
}

}  // namespace dinsd
