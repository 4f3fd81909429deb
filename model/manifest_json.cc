#include "model/manifest_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "model/click_hold.h"
#include "model/dim_variant.h"
#include "model/guide_rule.h"
#include "model/network_kind.h"
#include "model/weights_error.h"

namespace dinsd {
namespace {

using nlohmann::json;

template <typename Enum, std::size_t kCount>
using Words = std::array<std::pair<std::string_view, Enum>, kCount>;

constexpr Words<GridRule, 2> kGridRules = {{{"fixed-size", GridRule::kFixedSize}, {"spacing", GridRule::kSpacing}}};
constexpr Words<AxisRule, 2> kAxisRules = {
    {{"slice-axis", AxisRule::kSliceAxis}, {"world-axes", AxisRule::kWorldAxes}}};
constexpr Words<Normalisation, 2> kNormalisations = {
    {{"z-score-positive", Normalisation::kZScorePositive},
     {"z-score-positive-all-voxels", Normalisation::kZScorePositiveAllVoxels}}};

template <typename Enum, std::size_t kCount>
std::string WordOf(const Words<Enum, kCount>& words, Enum value) {
  for (const auto& [word, known] : words) {
    if (known == value) return std::string(word);
  }
  return {};
}

// Reads field by field and remembers which were asked for, so that what is left over is unknown.
class FieldReader {
 public:
  /// `inside` stands before the names of fields in errors, such as "interval.".
  FieldReader(const json& object, std::string file, std::string inside = "")
      : object_(object), file_(std::move(file)), inside_(std::move(inside)) {
    if (!object.is_object()) Refuse("", "is no JSON object");
  }

  [[nodiscard]] bool Has(const char* name) const { return object_.contains(name); }

  template <typename T>
  void Take(const char* name, T& value) {
    try {
      Field(name).get_to(value);
    } catch (const json::exception&) {
      Refuse(name, "is of another type");
    }
  }

  void Take(const char* name, Vec3& value) {
    std::array<double, 3> zyx{};
    Take(name, zyx);
    value = {zyx[0], zyx[1], zyx[2]};
  }

  void Take(const char* name, Size3& value) {
    std::array<std::int64_t, 3> zyx{};
    Take(name, zyx);
    value = {zyx[0], zyx[1], zyx[2]};
  }

  template <typename Enum, std::size_t kCount>
  void TakeWord(const char* name, const Words<Enum, kCount>& words, Enum& value) {
    std::string word;
    Take(name, word);
    for (const auto& [known, meaning] : words) {
      if (known == word) {
        value = meaning;
        return;
      }
    }
    Refuse(name, "'" + word + "' is not known to this program");
  }

  void RefuseTheRest() const {
    for (const auto& [name, ignored] : object_.items()) {
      if (!taken_.contains(name)) Refuse(name, "is not known to this program");
    }
  }

  [[noreturn]] void Refuse(const std::string& field, const std::string& why) const {
    throw WeightsError("WEIGHTS_MANIFEST", file_, inside_ + field, why);
  }

  /// A reader of the object that field `name` is.
  FieldReader Inside(const char* name) { return {Field(name), file_, inside_ + name + "."}; }

  /// A number within bounds.
  void Take(const char* name, double& value, double low, double high) {
    Take(name, value);
    if (!(value >= low && value <= high)) Refuse(name, "is outside " + Short(low) + " to " + Short(high));
  }

 private:
  static std::string Short(double value) { return json(value).dump(); }

  const json& Field(const char* name) {
    taken_.insert(name);
    const auto found = object_.find(name);
    if (found == object_.end()) Refuse(name, "is missing");
    return *found;
  }

  const json& object_;
  std::string file_;
  std::string inside_;
  std::set<std::string> taken_;
};

constexpr double kMostLogSd = 10;  // a factor of 22,000: no volume is worth anything there
constexpr double kMostEdgeMm = 100;

void TakeErrorRule(FieldReader reader, LogErrorRule& rule) {
  reader.Take("factor", rule.factor, 0, 1000);
  reader.Take("floor", rule.floor, 0, kMostLogSd);
  if (reader.Has("edge_mm")) reader.Take("edge_mm", rule.edge_mm, 0, kMostEdgeMm);  // earlier ones had none
  if (rule.factor == 0 && rule.floor == 0 && rule.edge_mm == 0)
    reader.Refuse("factor", "and floor and edge_mm are 0: no volume is known without error");
  reader.RefuseTheRest();
}

void TakeVariation(FieldReader reader, RunVariation& variation) {
  reader.Take("jitter_mm", variation.jitter_mm, 0, 100);
  reader.Take("drop", variation.drop, 0, 1);
  reader.Take("exchange", variation.exchange, 0, 1);
  reader.Take("shift", variation.shift, 0, 1);
  reader.Take("flips", variation.flips);
  reader.RefuseTheRest();
}

// Weights that nobody has calibrated, and those of earlier versions, have none.
void TakeInterval(FieldReader& reader, ModelManifest& m) {
  if (!reader.Has("interval")) return;
  FieldReader inner = reader.Inside("interval");
  IntervalCalibration& calibration = m.interval.emplace();
  TakeVariation(inner.Inside("variation"), calibration.variation);
  inner.Take("runs", calibration.runs);
  if (calibration.runs < 3 || calibration.runs > 100) inner.Refuse("runs", "is outside 3 to 100");
  inner.Take("volume_bias", calibration.volume_bias, -kMostLogSd, kMostLogSd);
  if (inner.Has("edge_bias_mm")) inner.Take("edge_bias_mm", calibration.edge_bias_mm, -kMostEdgeMm, kMostEdgeMm);
  TakeErrorRule(inner.Inside("volume"), calibration.volume);
  TakeErrorRule(inner.Inside("change"), calibration.change);
  if (inner.Has("least_slices")) inner.Take("least_slices", calibration.least_slices);  // calibrate.py always had 3
  if (calibration.least_slices < 1 || calibration.least_slices > 100)
    inner.Refuse("least_slices", "is outside 1 to 100");
  if (inner.Has("slice_mm")) inner.Take("slice_mm", calibration.slice_mm, 0, 100);
  inner.Take("fitted_on", calibration.fitted_on);
  inner.RefuseTheRest();
}

json IntervalJson(const IntervalCalibration& calibration) {
  const RunVariation& v = calibration.variation;
  const auto rule = [](const LogErrorRule& r) {
    return json{{"factor", r.factor}, {"floor", r.floor}, {"edge_mm", r.edge_mm}};
  };
  return {{"variation",
           {{"jitter_mm", v.jitter_mm},
            {"drop", v.drop},
            {"exchange", v.exchange},
            {"shift", v.shift},
            {"flips", v.flips}}},
          {"runs", calibration.runs},
          {"volume_bias", calibration.volume_bias},
          {"edge_bias_mm", calibration.edge_bias_mm},
          {"volume", rule(calibration.volume)},
          {"change", rule(calibration.change)},
          {"least_slices", calibration.least_slices},
          {"slice_mm", calibration.slice_mm},
          {"fitted_on", calibration.fitted_on}};
}

// What a guide has beside its word; fields that it does not have are unknown.
void TakeGuide(FieldReader& reader, ModelManifest& m) {
  const std::optional<GuideRule> guide = GuideRuleFrom(m.guide);
  if (!guide) reader.Refuse("guide", "'" + m.guide + "' is not known to this program");
  if (guide->IsDistance()) reader.Take("guide_scale", m.guide_scale);
  if (guide->kind != GuideKind::kBlend) return;
  reader.Take("guide_alpha", m.guide_alpha);
  reader.Take("guide_beta", m.guide_beta);
}

// Weights whose clicks are not held, and those of earlier versions, say nothing of it.
void TakeClickHold(FieldReader& reader, ModelManifest& m) {
  if (!reader.Has("click_reach_mm")) return;
  reader.Take("click_reach_mm", m.click_hold.reach_mm);
  reader.Take("click_contrast", m.click_hold.contrast);
  reader.Take("click_confidence", m.click_hold.confidence);
  if (reader.Has("click_size_share")) reader.Take("click_size_share", m.click_hold.size_share);
  if (reader.Has("click_negative_seen")) reader.Take("click_negative_seen", m.click_hold.negative_seen);
}

// Weights of DINs have neither field, so that they stay what they were before there were other networks.
void TakeNetwork(FieldReader& reader, ModelManifest& m) {
  if (!reader.Has("network")) return;
  reader.Take("network", m.network);
  const std::optional<NetworkKind> kind = NetworkKindFrom(m.network);
  if (!kind || *kind == NetworkKind::kDins) {
    reader.Refuse("network", "'" + m.network + "' is not known to this program");
  }
  if (!IsPlanned(*kind)) return;
  std::vector<std::array<std::array<std::int64_t, 3>, 2>> stages;
  reader.Take("stages", stages);
  for (const auto& [kernel, stride] : stages) {
    m.stages.push_back({{kernel[0], kernel[1], kernel[2]}, {stride[0], stride[1], stride[2]}});
  }
}

// Kernels of 1 or 3 and strides of 1 or 2; the first stage has none.
bool ArePossible(const std::vector<NetworkStage>& stages) {
  if (stages.size() < 2 || stages.size() > 12 || stages.front().stride != Size3{1, 1, 1}) return false;
  const auto is_of = [](const Size3& s, std::int64_t a, std::int64_t b) {
    return (s.z == a || s.z == b) && (s.y == a || s.y == b) && (s.x == a || s.x == b);
  };
  return std::all_of(stages.begin(), stages.end(),
                     [&](const NetworkStage& s) { return is_of(s.kernel, 1, 3) && is_of(s.stride, 1, 2); });
}

void CheckValues(const ModelManifest& m, const FieldReader& reader) {
  if (m.architecture != "dins") reader.Refuse("architecture", "'" + m.architecture + "' is not known to this program");
  if (!(m.guide_scale >= 1e-6 && m.guide_scale <= 1e6)) reader.Refuse("guide_scale", "is outside 1e-6 to 1e6");
  if (!(m.guide_alpha >= 0 && m.guide_alpha <= 1e6 && m.guide_beta >= 0 && m.guide_beta <= 1e6) ||
      m.guide_alpha + m.guide_beta == 0) {
    reader.Refuse("guide_alpha", "alpha and beta must be 0 to 1e6, and not both 0");
  }
  if (!DimVariantFrom(m.dim)) reader.Refuse("dim", "'" + m.dim + "' is not known to this program");
  if (IsPlanned(*NetworkKindFrom(m.network)) && !ArePossible(m.stages)) reader.Refuse("stages", "are not possible");
  if (m.width < 1 || m.width > 320) reader.Refuse("width", std::to_string(m.width) + " is outside 1 to 320");
  if (!IsLegal({m.sigma, m.sigma_unit})) reader.Refuse("sigma", "is outside 0.1 to 1000");
  if (IsAutomatic(*NetworkKindFrom(m.network)) && m.click_hold.IsOn()) {
    reader.Refuse("click_reach_mm", "is of networks that see clicks, which '" + m.network + "' does not");
  }
  if (!IsLegal(m.click_hold)) {
    reader.Refuse("click_reach_mm",
                  "reach, contrast, confidence or share of the size is outside 0.1 to 1000 mm, 0.01 to 1000, 0.5 to "
                  "0.999, 0 to 2");
  }
  if (m.grid_rule == GridRule::kSpacing && !(m.spacing_mm >= 0.1 && m.spacing_mm <= 50)) {
    reader.Refuse("spacing_mm", "is outside 0.1 to 50 mm");
  }
  if (m.fixed_rows < 16 || m.fixed_rows % 16 != 0 || m.fixed_rows > 8192 || m.fixed_columns < 16 ||
      m.fixed_columns % 16 != 0 || m.fixed_columns > 8192) {
    reader.Refuse("fixed_rows", "rows and columns must be multiples of 16 up to 8192");
  }
  if (m.max_clicks_per_sign < 1) reader.Refuse("max_clicks_per_sign", "must be at least 1");
  for (const std::int64_t n : {m.training_crop.z, m.training_crop.y, m.training_crop.x}) {
    if (n < 2 || n > 8192) reader.Refuse("training_crop", "is outside 2 to 8192 voxels");
  }
}

}  // namespace

std::string ManifestToJson(const ModelManifest& m) {
  json object = {{"architecture", m.architecture},
                 {"dim", m.dim},
                 {"width", m.width},
                 {"guide", m.guide},
                 {"sigma", {m.sigma.z, m.sigma.y, m.sigma.x}},
                 {"sigma_unit", WordOf(kSigmaUnits, m.sigma_unit)},
                 {"normalisation", WordOf(kNormalisations, m.normalisation)},
                 {"grid_rule", WordOf(kGridRules, m.grid_rule)},
                 {"fixed_rows", m.fixed_rows},
                 {"fixed_columns", m.fixed_columns},
                 {"spacing_mm", m.spacing_mm},
                 {"axis_rule", WordOf(kAxisRules, m.axis_rule)},
                 {"max_clicks_per_sign", m.max_clicks_per_sign},
                 {"training_crop", {m.training_crop.z, m.training_crop.y, m.training_crop.x}},
                 {"trained_for", m.trained_for},
                 {"training_data", m.training_data},
                 {"licence", m.licence},
                 {"created_by", m.created_by}};
  if (m.network != NetworkWord(NetworkKind::kDins)) object["network"] = m.network;
  for (const NetworkStage& s : m.stages) {
    object["stages"].push_back({{s.kernel.z, s.kernel.y, s.kernel.x}, {s.stride.z, s.stride.y, s.stride.x}});
  }
  const std::optional<GuideRule> guide = GuideRuleFrom(m.guide);
  if (guide && guide->IsDistance()) object["guide_scale"] = m.guide_scale;
  if (guide && guide->kind == GuideKind::kBlend) {
    object["guide_alpha"] = m.guide_alpha;
    object["guide_beta"] = m.guide_beta;
  }
  if (m.click_hold.IsOn()) {
    object["click_reach_mm"] = m.click_hold.reach_mm;
    object["click_contrast"] = m.click_hold.contrast;
    object["click_confidence"] = m.click_hold.confidence;
    if (m.click_hold.size_share > 0) object["click_size_share"] = m.click_hold.size_share;
    if (!m.click_hold.negative_seen) object["click_negative_seen"] = false;
  }
  if (m.interval) object["interval"] = IntervalJson(*m.interval);
  return object.dump();
}

ModelManifest ManifestFromJson(const std::string& text, const std::string& file) {
  const json object = json::parse(text, nullptr, /*allow_exceptions=*/false);
  FieldReader reader(object, file);
  ModelManifest m;
  reader.Take("architecture", m.architecture);
  TakeNetwork(reader, m);
  reader.Take("dim", m.dim);
  reader.Take("width", m.width);
  reader.Take("guide", m.guide);
  TakeGuide(reader, m);
  TakeClickHold(reader, m);
  TakeInterval(reader, m);
  reader.Take("sigma", m.sigma);
  reader.TakeWord("sigma_unit", kSigmaUnits, m.sigma_unit);
  reader.TakeWord("normalisation", kNormalisations, m.normalisation);
  reader.TakeWord("grid_rule", kGridRules, m.grid_rule);
  reader.Take("fixed_rows", m.fixed_rows);
  reader.Take("fixed_columns", m.fixed_columns);
  reader.Take("spacing_mm", m.spacing_mm);
  reader.TakeWord("axis_rule", kAxisRules, m.axis_rule);
  reader.Take("max_clicks_per_sign", m.max_clicks_per_sign);
  reader.Take("training_crop", m.training_crop);
  reader.Take("trained_for", m.trained_for);
  reader.Take("training_data", m.training_data);
  reader.Take("licence", m.licence);
  reader.Take("created_by", m.created_by);
  reader.RefuseTheRest();
  CheckValues(m, reader);
  return m;
}

}  // namespace dinsd
