#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/prompt_image.h"
#include "pipeline/read/strict_json.h"

namespace dinsd {

extern const std::string_view kSlicerSchemaText;

namespace {

using nlohmann::json;

const JsonKind& SlicerKind() {
  static const JsonSchema schema(kSlicerSchemaText);
  static const JsonKind kind = {.schema = schema,
                                .bad_schema = "PROMPT_SCHEMA",
                                .not_finite = "PROMPT_NOT_FINITE",
                                .verdict = InputVerdict::kNeedsPrompts,
                                .shows_values = true};
  return kind;
}

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool IsWordForNegative(const std::string& text) {
  const std::string word = Lower(text);
  return word == "-" || word == "neg" || word == "negative" || word == "background";
}

bool IsNegative(const json& point) {
  const std::string label = point.value("label", ""), description = point.value("description", "");
  return label.ends_with('-') || IsWordForNegative(label) || IsWordForNegative(description);
}

// Turns the nodes of one file into lesions; all points are brought to LPS.
class Converter {
 public:
  explicit Converter(std::string name_of_file) : name_of_file_(std::move(name_of_file)) {}

  void Add(const json& node, const std::string& place) {
    to_lps_ = node.value("coordinateSystem", "LPS") == "RAS" ? -1 : 1;
    const std::string name = node.value("name", "").empty() ? name_of_file_ : node.at("name").get<std::string>();
    if (node.at("type") == "ROI") {
      AddBox(Lesion(name, place), node, place);
    } else if (Lower(name) == "background") {
      AddClicks(prompts_.background, node, place, true);
    } else {
      AddClicks(Lesion(name, place).clicks, node, place, false);
    }
  }

  // Without lesions to which nothing was added.
  Prompts Take() {
    std::erase_if(prompts_.lesions, [](const PromptLesion& lesion) { return lesion.clicks.empty() && !lesion.box; });
    return std::move(prompts_);
  }

 private:
  PromptLesion& Lesion(const std::string& name, const std::string& place) {
    const auto known = std::find_if(prompts_.lesions.begin(), prompts_.lesions.end(),
                                    [&](const PromptLesion& lesion) { return lesion.id == name; });
    if (known != prompts_.lesions.end()) return *known;
    prompts_.lesions.push_back({.id = name, .place = place});
    return prompts_.lesions.back();
  }

  [[nodiscard]] std::array<double, 3> Lps(std::array<double, 3> p) const {
    return {to_lps_ * p[0], to_lps_ * p[1], p[2]};
  }

  void AddClicks(std::vector<PromptClick>& clicks, const json& node, const std::string& place,
                 bool is_background) const {
    const json& points = node.at("controlPoints");
    for (std::size_t i = 0; i < points.size(); ++i) {
      const json& point = points[i];
      const std::string status = point.value("positionStatus", "defined");
      if (status == "undefined" || status == "missing") continue;
      PromptClick click{.p = Lps(point.at("position").get<std::array<double, 3>>())};
      click.sign = is_background || IsNegative(point) ? Polarity::kNegative : Polarity::kPositive;
      click.order = static_cast<int>(clicks.size());
      click.place = place + "/controlPoints/" + std::to_string(i);
      if (status == "preview") click.status = ClickStatus::kProposed;
      clicks.push_back(click);
    }
  }

  // The box along the world's axes that encloses an ROI; two ROIs of one name are enclosed together, in the first's
  // place.
  void AddBox(PromptLesion& lesion, const json& node, const std::string& place) const {
    const std::array<double, 9> identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const auto center = Lps(node.at("center").get<std::array<double, 3>>());
    const auto size = node.at("size").get<std::array<double, 3>>();
    const auto orientation = node.value("orientation", identity);
    for (std::size_t row = 0; row < 3; ++row) {
      double half = 0;
      for (std::size_t axis = 0; axis < 3; ++axis) half += std::abs(orientation[row * 3 + axis]) * size[axis] / 2;
      if (row == 0 && !lesion.box) lesion.box = PromptBox{center, center, {}, place};
      lesion.box->min[row] = std::min(lesion.box->min[row], center[row] - half);
      lesion.box->max[row] = std::max(lesion.box->max[row], center[row] + half);
    }
  }

  std::string name_of_file_;
  double to_lps_ = 1;
  Prompts prompts_;
};

}  // namespace

Prompts ParseSlicerMarkups(std::span<const std::byte> bytes, const ForeignFile& file, const StudyImage& image,
                           const std::string& study_uid) {
  const json document = ParseStrictJson(bytes, file.file, SlicerKind());
  const std::string name = std::filesystem::path(file.file).filename().string();
  Converter converter(name.substr(0, std::min<std::size_t>(name.find('.'), 64)));
  const json& nodes = document.at("markups");
  for (std::size_t i = 0; i < nodes.size(); ++i) converter.Add(nodes[i], "/markups/" + std::to_string(i));
  Prompts prompts = converter.Take();
  prompts.image = NamesOf(image, study_uid);
  prompts.provenance = {.source = "imported",
                        .created = file.changed,
                        .tool = "3D Slicer",
                        .imported_from = "slicer-markups sha256:" + file.sha256};
  CheckPrompts(prompts, file.file);
  return prompts;
}

}  // namespace dinsd
