#include "daemon/messages/options_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "daemon/messages/message_fields.h"
#include "daemon/messages/series_rules_json.h"
#include "pipeline/interval/interval_options_json.h"

namespace dinsd {
namespace {

constexpr double kMaxNumber = 1e9;
constexpr std::size_t kMostRules = 1000;

// The words of the configuration file, in the order of the enumeration.
constexpr std::array<std::string_view, 3> kModes = {"auto", "whole", "boxes"};

constexpr std::array<std::string_view, 3> kPolicies = {"fail", "process-anyway", "interpolate"};

template <typename Options>
void CheckOptions(const Options& options) {
  try {
    options.Check();
  } catch (const std::invalid_argument& error) {
    throw MessageError(error.what());
  }
}

template <typename Choice>
std::string_view WordOf(const std::array<std::string_view, 3>& words, Choice choice) {
  return words.at(static_cast<std::size_t>(choice));
}

template <typename Choice>
Choice ChoiceField(MessageFields& fields, const char* name, const std::array<std::string_view, 3>& words) {
  const std::string word = fields.String(name, 32);
  const auto* const found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) throw MessageError(std::string(name) + " is no known word");
  return static_cast<Choice>(found - words.begin());
}

struct PolicyField {
  const char* name;
  GeometryPolicy DicomReadOptions::*field;
};

constexpr std::array<PolicyField, 7> kPolicyFields = {
    {{"missing_slice", &DicomReadOptions::missing_slice},
     {"variable_spacing", &DicomReadOptions::variable_spacing},
     {"sheared", &DicomReadOptions::sheared},
     {"mixed_orientation", &DicomReadOptions::mixed_orientation},
     {"duplicate_sop", &DicomReadOptions::duplicate_sop},
     {"duplicate_position", &DicomReadOptions::duplicate_position},
     {"spacing_out_of_range", &DicomReadOptions::spacing_out_of_range}}};

// What is not asked for is left out, so that keys of earlier results hold.
nlohmann::json DicomToJson(const DicomReadOptions& options) {
  nlohmann::json json = {{"min_slice_spacing_mm", options.min_slice_spacing_mm},
                         {"max_slice_spacing_mm", options.max_slice_spacing_mm},
                         {"min_slices", options.min_slices},
                         {"take_only_series", options.take_only_series}};
  for (const PolicyField& policy : kPolicyFields) json[policy.name] = WordOf(kPolicies, options.*policy.field);
  if (options.jpeg_2000) json["jpeg_2000"] = true;
  if (options.series_rules != DefaultSeriesRules()) json["series_rules"] = SeriesRulesToJson(options.series_rules);
  const DicomReadOptions usual;
  if (options.join_stations != usual.join_stations) json["join_stations"] = options.join_stations;
  if (options.min_station_overlap_mm != usual.min_station_overlap_mm)
    json["min_station_overlap_mm"] = options.min_station_overlap_mm;
  return json;
}

GuideSpread SpreadFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "sigma");
  GuideSpread spread;
  spread.sigma = {fields.Number("z", 0, kMaxNumber), fields.Number("y", 0, kMaxNumber),
                  fields.Number("x", 0, kMaxNumber)};
  const std::optional<SigmaUnit> unit = SigmaUnitFrom(fields.String("unit", 32));
  if (!unit) throw MessageError("sigma.unit is no known word");
  spread.unit = *unit;
  fields.Done();
  return spread;
}

DicomReadOptions DicomFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "dicom options");
  DicomReadOptions options;
  options.min_slice_spacing_mm = fields.Number("min_slice_spacing_mm", 0, kMaxNumber);
  options.max_slice_spacing_mm = fields.Number("max_slice_spacing_mm", 0, kMaxNumber);
  options.min_slices = static_cast<int>(fields.Integer("min_slices", 1, 1'000'000));
  if (fields.Has("series_rules")) options.series_rules = SeriesRulesFromJson(fields.List("series_rules", kMostRules));
  if (fields.Has("jpeg_2000")) options.jpeg_2000 = fields.Boolean("jpeg_2000");
  options.take_only_series = fields.Boolean("take_only_series");
  for (const PolicyField& policy : kPolicyFields) {
    options.*policy.field = ChoiceField<GeometryPolicy>(fields, policy.name, kPolicies);
  }
  if (fields.Has("join_stations")) options.join_stations = fields.Boolean("join_stations");
  if (fields.Has("min_station_overlap_mm"))
    options.min_station_overlap_mm = fields.Number("min_station_overlap_mm", 0, kMaxNumber);
  fields.Done();
  CheckOptions(options);
  return options;
}

}  // namespace

nlohmann::json ReadOptionsToJson(const StudyReadOptions& options) {
  return {{"max_file_bytes", options.limits.max_file_bytes},
          {"max_voxels", options.limits.max_voxels},
          {"max_files", options.limits.max_files},
          {"dicom", DicomToJson(options.dicom)},
          {"wanted_series_uid", options.wanted_series_uid}};
}

StudyReadOptions ReadOptionsFromJson(const nlohmann::json& json) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  MessageFields fields(json, "read options");
  StudyReadOptions options;
  options.limits.max_file_bytes = static_cast<std::uint64_t>(fields.Integer("max_file_bytes", 1, kMost));
  options.limits.max_voxels = static_cast<std::uint64_t>(fields.Integer("max_voxels", 1, kMost));
  options.limits.max_files = static_cast<std::uint64_t>(fields.Integer("max_files", 1, kMost));
  options.dicom = DicomFromJson(fields.Object("dicom"));
  options.wanted_series_uid = fields.String("wanted_series_uid", 64);
  fields.Done();
  CheckOptions(options.limits);
  return options;
}

namespace {

nlohmann::json IntervalToJson(const IntervalOptions& options) {
  nlohmann::json json = IntervalOptionsJson(options);
  if (options.even_uncalibrated) json["even_uncalibrated"] = true;
  return json;
}

IntervalOptions IntervalFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "interval");
  IntervalOptions options;
  options.runs = static_cast<int>(fields.Integer("runs", 0, 1'000'000));
  options.seed = fields.Integer("seed", 0, std::numeric_limits<std::int64_t>::max());
  options.variation.jitter_mm = fields.Number("jitter_mm", 0, kMaxNumber);
  options.variation.drop = fields.Number("drop", 0, 1);
  options.variation.exchange = fields.Number("exchange", 0, 1);
  options.variation.shift = fields.Number("shift", 0, 1);
  options.variation.flips = fields.Boolean("flips");
  if (fields.Has("even_uncalibrated")) options.even_uncalibrated = fields.Boolean("even_uncalibrated");
  fields.Done();
  return options;
}

}  // namespace

// What is not asked for is left out, so that keys of earlier results hold.
nlohmann::json SegmentOptionsToJson(const SegmentOptions& options) {
  nlohmann::json json = {{"mode", WordOf(kModes, options.mode)},
                         {"threshold", options.threshold},
                         {"average_flips", options.average_flips},
                         {"max_memory_gib", options.max_memory_gib},
                         {"refuse_out_of_domain", options.refuse_out_of_domain},
                         {"measurable_slices", options.measurable_slices}};
  if (!options.guide.empty()) json["guide"] = options.guide;
  if (options.sigma) {
    const Vec3& s = options.sigma->sigma;
    json["sigma"] = {{"z", s.z}, {"y", s.y}, {"x", s.x}, {"unit", SigmaUnitWord(options.sigma->unit)}};
  }
  if (options.interval.runs > 0) json["interval"] = IntervalToJson(options.interval);
  return json;
}

SegmentOptions SegmentOptionsFromJson(const nlohmann::json& json) {
  MessageFields fields(json, "options");
  SegmentOptions options;
  options.mode = ChoiceField<SegmentMode>(fields, "mode", kModes);
  options.threshold = fields.Number("threshold", 0, 1);
  options.average_flips = fields.Boolean("average_flips");
  options.max_memory_gib = fields.Number("max_memory_gib", 0, kMaxNumber);
  options.refuse_out_of_domain = fields.Boolean("refuse_out_of_domain");
  options.measurable_slices = static_cast<int>(fields.Integer("measurable_slices", 1, 1'000'000));
  if (fields.Has("guide")) options.guide = fields.String("guide", 32);
  if (fields.Has("sigma")) options.sigma = SpreadFromJson(fields.Object("sigma"));
  if (fields.Has("interval")) options.interval = IntervalFromJson(fields.Object("interval"));
  fields.Done();
  CheckOptions(options);
  return options;
}

}  // namespace dinsd
