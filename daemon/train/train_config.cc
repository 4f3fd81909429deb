#include "daemon/train/train_config.h"

#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>

#include "daemon/train/train_table.h"
#include "model/click_hold.h"
#include "model/dim_variant.h"
#include "model/guide_rule.h"
#include "model/network_kind.h"

namespace dinsd {
namespace {

using Setter = std::function<bool(const toml::node&)>;  // false: another type

Setter To(double& field) {
  return [&field](const toml::node& node) {
    const auto value = node.value<double>();
    if (value) field = *value;
    return value.has_value();
  };
}

template <typename Integer>
Setter ToInteger(Integer& field) {
  return [&field](const toml::node& node) {
    const auto value = node.value_exact<std::int64_t>();
    if (value) field = static_cast<Integer>(*value);
    return value.has_value();
  };
}

Setter To(std::string& field) {
  return [&field](const toml::node& node) {
    const auto value = node.value_exact<std::string>();
    if (value) field = *value;
    return value.has_value();
  };
}

Setter To(bool& field) {
  return [&field](const toml::node& node) {
    const auto value = node.value_exact<bool>();
    if (value) field = *value;
    return value.has_value();
  };
}

Setter To(std::vector<std::string>& field) {
  return [&field](const toml::node& node) {
    const toml::array* list = node.as_array();
    if (list == nullptr) return false;
    field.clear();
    for (const toml::node& item : *list) field.push_back(item.value_or<std::string>(""));
    return true;
  };
}

Setter ToShares(std::map<std::string, double>& field) {
  return [&field](const toml::node& node) {
    const toml::table* table = node.as_table();
    if (table == nullptr) return false;
    field.clear();
    for (const auto& [set, share] : *table) {
      if (!share.value<double>()) return false;
      field[std::string(set.str())] = *share.value<double>();
    }
    return true;
  };
}

template <typename Assign>
Setter ToZyx(Assign assign) {
  return [assign](const toml::node& node) {
    const toml::array* list = node.as_array();
    if (list == nullptr || list->size() != 3) return false;
    const auto at = [&](std::size_t i) { return list->get(i)->value<double>(); };
    if (!at(0) || !at(1) || !at(2)) return false;
    assign(*at(0), *at(1), *at(2));
    return true;
  };
}

using Fields = std::map<std::string, Setter>;

Fields FieldsOf(TrainOptions& o) {
  return {{"network", To(o.network)},
          {"width", ToInteger(o.width)},
          {"dim", To(o.dim)},
          {"guide", To(o.guide)},
          {"guide_scale", To(o.guide_scale)},
          {"guide_alpha", To(o.guide_alpha)},
          {"guide_beta", To(o.guide_beta)},
          {"sigma_unit", To(o.sigma_unit)},
          {"sigma", ToZyx([&o](double z, double y, double x) {
             o.sigma = {z, y, x};
           })},
          {"spacing_mm", To(o.spacing_mm)},
          {"seed", ToInteger(o.seed)},
          {"steps", ToInteger(o.steps)},
          {"stop_after", ToInteger(o.stop_after)},
          {"checkpoint_every", ToInteger(o.checkpoint_every)},
          {"validate_every", ToInteger(o.validate_every)},
          {"stop_patience", ToInteger(o.stop_patience)},
          {"least_minutes", To(o.least_minutes)},
          {"threads", ToInteger(o.threads)},
          {"device", To(o.device)},
          {"init", To(o.init)},
          {"precision", To(o.precision)},
          {"crop", ToZyx([&o](double z, double y, double x) {
             o.crop = {static_cast<std::int64_t>(z), static_cast<std::int64_t>(y), static_cast<std::int64_t>(x)};
           })},
          {"mix", ToShares(o.mix)},
          {"tumour_share", To(o.tumour_share)},
          {"scale_min", To(o.scale_min)},
          {"scale_max", To(o.scale_max)},
          {"rotation_sd_degrees", To(o.rotation_sd_degrees)},
          {"gamma_min", To(o.gamma_min)},
          {"gamma_max", To(o.gamma_max)},
          {"flips", To(o.flips)},
          {"error_click_share", To(o.error_click_share)},
          {"altered_truth_share", To(o.altered_truth_share)},
          {"max_error_clicks", ToInteger(o.max_error_clicks)},
          {"click_chains", ToInteger(o.click_chains)},
          {"min_clicks_per_lesion", ToInteger(o.min_clicks_per_lesion)},
          {"max_clicks_per_lesion", ToInteger(o.max_clicks_per_lesion)},
          {"max_clicks_per_sign", ToInteger(o.max_clicks_per_sign)},
          {"boundary_margin", ToInteger(o.boundary_margin)},
          {"negative_band", ToInteger(o.negative_band)},
          {"tumour_weight", To(o.tumour_weight)},
          {"dice_weight", To(o.dice_weight)},
          {"click_weight", To(o.click_weight)},
          {"lesion_dice_weight", To(o.lesion_dice_weight)},
          {"lesion_volume_weight", To(o.lesion_volume_weight)},
          {"schedule", To(o.schedule)},
          {"warm_up_steps", ToInteger(o.warm_up_steps)},
          {"learning_rate", To(o.learning_rate)},
          {"final_learning_rate", To(o.final_learning_rate)},
          {"plateau_factor", To(o.plateau_factor)},
          {"plateau_patience", ToInteger(o.plateau_patience)},
          {"optimizer", To(o.optimizer)},
          {"weight_decay", To(o.weight_decay)},
          {"gradient_clip", To(o.gradient_clip)},
          {"beta1", To(o.beta1)},
          {"beta2", To(o.beta2)},
          {"average_decay", To(o.average_decay)}};
}

Fields FieldsOf(ModelManifest& m) {
  return {{"trained_for", To(m.trained_for)},
          {"training_data", To(m.training_data)},
          {"licence", To(m.licence)},
          {"click_reach_mm", To(m.click_hold.reach_mm)},
          {"click_contrast", To(m.click_hold.contrast)},
          {"click_confidence", To(m.click_hold.confidence)},
          {"click_size_share", To(m.click_hold.size_share)},
          {"click_negative_seen", To(m.click_hold.negative_seen)}};
}

[[noreturn]] void Refuse(const std::filesystem::path& file, const toml::source_region& where, const std::string& why) {
  throw std::runtime_error(file.string() + ":" + std::to_string(where.begin.line) + ": " + why);
}

void Apply(const toml::table& table, const std::string& name, const Fields& fields, const std::filesystem::path& file) {
  for (const auto& [key, node] : table) {
    const std::string word(key.str());
    const auto known = fields.find(word);
    if (known == fields.end()) Refuse(file, node.source(), "unknown key `" + name + "." + word + "`");
    if (!known->second(node)) Refuse(file, node.source(), "`" + name + "." + word + "` is of another type");
  }
}

// The guides that a baseline sees, in the words of DINs.
std::string DimWordOf(const TrainOptions& o) {
  const NetworkKind kind = NetworkKindFrom(o.network).value();
  if (kind == NetworkKind::kDins) return o.dim;
  return DimWord(IsAutomatic(kind) ? DimVariant::kNone : DimVariant::kInput);
}

}  // namespace

void ReadTrainTable(const toml::table& table, const std::string& name, const std::filesystem::path& file,
                    TrainOptions& options) {
  Apply(table, name, FieldsOf(options), file);
}

void BindManifest(TrainConfig& config) {
  const TrainOptions& o = config.options;
  config.manifest.network = o.network;
  config.manifest.width = o.width;
  config.manifest.dim = DimWordOf(o);
  config.manifest.sigma = o.sigma;
  config.manifest.sigma_unit = SigmaUnitFrom(o.sigma_unit).value();
  config.manifest.guide = o.guide;
  config.manifest.guide_scale = o.guide_scale;
  config.manifest.guide_alpha = o.guide_alpha;
  config.manifest.guide_beta = o.guide_beta;
  config.manifest.grid_rule = GridRule::kSpacing;
  config.manifest.spacing_mm = o.spacing_mm;
  config.manifest.max_clicks_per_sign = o.max_clicks_per_sign;
  config.manifest.training_crop = o.crop;
  config.manifest.created_by = "dins-train, seed " + std::to_string(o.seed) + ", " + std::to_string(o.steps) + " steps";
}

TrainConfig ReadTrainConfig(const std::filesystem::path& file) {
  toml::table root;
  try {
    root = toml::parse_file(file.string());
  } catch (const toml::parse_error& error) {
    Refuse(file, error.source(), std::string(error.description()));
  }
  TrainConfig config;
  for (const auto& [key, node] : root) {
    const std::string word(key.str());
    if (!node.is_table() || (word != "train" && word != "manifest"))
      Refuse(file, node.source(), "unknown table `" + word + "`");
    Apply(*node.as_table(), word, word == "train" ? FieldsOf(config.options) : FieldsOf(config.manifest), file);
  }
  try {
    config.options.Check();
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(file.string() + ": " + error.what());
  }
  if (!IsLegal(config.manifest.click_hold)) {
    throw std::runtime_error(
        file.string() +
        ": manifest.click_reach_mm, click_contrast, click_confidence or click_size_share is out of "
        "range");
  }
  BindManifest(config);
  return config;
}

}  // namespace dinsd
