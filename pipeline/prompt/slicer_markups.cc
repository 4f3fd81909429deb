#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "pipeline/prompt/foreign_prompts.h"
#include "pipeline/prompt/prompt_image.h"
#include "pipeline/prompt/proposal.h"
#include "pipeline/prompt/slicer_labels.h"
#include "pipeline/read/date_time.h"
#include "pipeline/read/digest.h"
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

[[noreturn]] void Refuse(const char* code, const std::string& file, const std::string& place,
                         const std::string& sentence) {
  throw InputError(code, file, place, sentence, InputVerdict::kNeedsPrompts);
}

bool IsOrthonormal(const std::array<double, 9>& axes) {
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      double product = 0;
      for (std::size_t row = 0; row < 3; ++row) product += axes[row * 3 + a] * axes[row * 3 + b];
      if (!(std::abs(product - (a == b ? 1 : 0)) <= 1e-3)) return false;
    }
  }
  return true;
}

// Turns the lists of one or more files into lesions; all points are brought to LPS.
class Converter {
 public:
  // `prefix` goes before the places that later errors name: several files have the same ones.
  void Open(const std::string& file, const std::string& prefix) {
    file_ = file;
    prefix_ = prefix;
    const std::string name = std::filesystem::path(file).filename().string();
    name_of_file_ = name.substr(0, std::min<std::size_t>(name.find('.'), 64));
  }

  void Add(const json& node, const std::string& place) {
    to_lps_ = node.value("coordinateSystem", "LPS") == "RAS" ? -1 : 1;
    given_name_ = node.value("name", "");
    const std::string name = given_name_.empty() ? name_of_file_ : given_name_;
    const bool is_roi = node.at("type") == "ROI";
    const WordsOfSign sign = SignInName(name);
    if (sign == WordsOfSign::kDoubtful || (is_roi && sign == WordsOfSign::kNegative)) {
      Refuse("PROMPT_SIGN_UNCLEAR", file_, place + "/name",
             QuotedForMessage(name) +
                 (is_roi ? " does not name a box: it has no sign"
                         : R"( leaves open whether its clicks are positive; a list of negative ones is "background")"));
    }
    CheckIsFirst(name, is_roi, place);
    if (is_roi) {
      Lesion(name, place).box = Box(node, place);
    } else if (sign == WordsOfSign::kNegative) {
      AddClicks(prompts_.background, node, place, true);
    } else {
      AddClicks(Lesion(name, place).clicks, node, place, false);
    }
  }

  Prompts Take() { return std::move(prompts_); }

  // The proposals that points were marked with; several are no proposal's name.
  [[nodiscard]] std::string Answer() const {
    std::string names;
    for (const std::string& proposal : proposals_) names.append(names.empty() ? "" : " ").append(proposal);
    return names.empty() ? "" : AnswerTo(names);
  }

 private:
  void CheckIsFirst(const std::string& name, bool is_roi, const std::string& place) {
    const auto [known, is_first] = lists_.try_emplace({name, is_roi}, prefix_ + place);
    if (is_first) return;
    Refuse("PROMPT_DUPLICATE_LESION", file_, place,
           QuotedForMessage(name) + " names " + (is_roi ? "an ROI" : "a list") + " before it, " + known->second);
  }

  PromptLesion& Lesion(const std::string& name, const std::string& place) {
    const auto known = std::find_if(prompts_.lesions.begin(), prompts_.lesions.end(),
                                    [&](const PromptLesion& lesion) { return lesion.id == name; });
    if (known != prompts_.lesions.end()) return *known;
    prompts_.lesions.push_back({.id = name, .place = prefix_ + place});
    return prompts_.lesions.back();
  }

  [[nodiscard]] std::array<double, 3> Lps(std::array<double, 3> p) const {
    return {to_lps_ * p[0], to_lps_ * p[1], p[2]};
  }

  // 3D Slicer names points after their list, whatever that is called.
  [[nodiscard]] bool IsNamedByList(const std::string& label) const {
    if (given_name_.empty() || !label.starts_with(given_name_ + "-")) return false;
    const std::string number = label.substr(given_name_.size() + 1);
    return !number.empty() && number.find_first_not_of("0123456789") == std::string::npos;
  }

  [[nodiscard]] Polarity SignOf(const json& point, const std::string& place, bool is_background) const {
    const std::string label = point.value("label", ""), description = point.value("description", "");
    const bool is_doubtful = given_name_.empty() && IsDashAndNumber(label);
    const std::array<WordsOfSign, 2> words = {is_doubtful            ? WordsOfSign::kDoubtful
                                              : IsNamedByList(label) ? WordsOfSign::kNothing
                                                                     : SignInLabel(label),
                                              SignInDescription(description)};
    const auto have = [&](WordsOfSign word) { return std::find(words.begin(), words.end(), word) != words.end(); };
    const bool is_negative = is_background || have(WordsOfSign::kNegative);
    if ((!is_background && have(WordsOfSign::kDoubtful)) || (is_negative && have(WordsOfSign::kPositive))) {
      Refuse("PROMPT_SIGN_UNCLEAR", file_, place,
             "label " + QuotedForMessage(label) + " and description " + QuotedForMessage(description) +
                 R"( leave open whether the click is positive; a negative one is labelled "negative" or "-")" +
                 (is_background ? ", and its list is one of background" : ""));
    }
    return is_negative ? Polarity::kNegative : Polarity::kPositive;
  }

  // A list that lies in two files, of which one was copied under another name.
  void CheckIsNoCopy(const PromptClick& click, const std::string& place) {
    if (click.sign == Polarity::kNegative) return;
    const auto [known, is_first] = positives_.try_emplace(click.p, file_, click.place);
    if (is_first || known->second.first == file_) return;
    Refuse("PROMPT_AMBIGUOUS", file_, place,
           "is the same point as " + known->second.second + ": one of the two lists is a copy");
  }

  void AddClicks(std::vector<PromptClick>& clicks, const json& node, const std::string& list, bool is_background) {
    const json& points = node.at("controlPoints");
    const std::size_t before = clicks.size();
    const bool has_marks = std::any_of(points.begin(), points.end(), [](const json& point) { return MarkOf(point); });
    for (std::size_t i = 0; i < points.size(); ++i) {
      const json& point = points[i];
      const std::string status = point.value("positionStatus", "defined");
      const std::string place = list + "/controlPoints/" + std::to_string(i);
      if (status == "undefined" || status == "missing") {
        prompts_.warnings.push_back(file_ + " [" + place + "] has no position (" + status + ") and is no click");
        continue;
      }
      PromptClick click{.p = Lps(point.at("position").get<std::array<double, 3>>())};
      click.sign = SignOf(point, place, is_background);
      click.order = OrderOf(point, clicks.size(), has_marks);
      click.place = prefix_ + place;
      if (status == "preview") click.status = ClickStatus::kProposed;
      CheckIsNoCopy(click, place);
      clicks.push_back(click);
    }
    if (clicks.size() > before) return;
    Refuse("PROMPT_EMPTY", file_, list + "/controlPoints",
           "holds " + std::to_string(points.size()) + " points, none of them with a position");
  }

  [[nodiscard]] static std::optional<ProposalMark> MarkOf(const json& point) {
    return MarkIn(point.value("description", ""));
  }

  // Points of a list that a proposal was exported to are its clicks by their marks, wherever they stand in the list
  // now; what a person added has none.
  [[nodiscard]] std::optional<int> OrderOf(const json& point, std::size_t position, bool has_marks) {
    if (!has_marks) return static_cast<int>(position);
    const std::optional<ProposalMark> mark = MarkOf(point);
    if (!mark) return std::nullopt;
    proposals_.insert(mark->proposal_sha256);
    return mark->order;
  }

  // The box along the world's axes that encloses an ROI.
  [[nodiscard]] PromptBox Box(const json& node, const std::string& place) const {
    const std::array<double, 9> identity = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    const auto center = Lps(node.at("center").get<std::array<double, 3>>());
    const auto size = node.at("size").get<std::array<double, 3>>();
    const auto orientation = node.value("orientation", identity);
    if (!IsOrthonormal(orientation)) {
      Refuse("PROMPT_SCHEMA", file_, place + "/orientation", "is no rotation: its columns are not orthonormal to 1e-3");
    }
    if (size == std::array<double, 3>{}) Refuse("PROMPT_EMPTY", file_, place + "/size", "is 0: it was never placed");
    PromptBox box{.place = prefix_ + place};
    for (std::size_t row = 0; row < 3; ++row) {
      double half = 0;
      for (std::size_t axis = 0; axis < 3; ++axis) half += std::abs(orientation[row * 3 + axis]) * size[axis] / 2;
      box.min[row] = center[row] - half;
      box.max[row] = center[row] + half;
    }
    return box;
  }

  std::string file_, prefix_, name_of_file_, given_name_;
  double to_lps_ = 1;
  Prompts prompts_;
  std::set<std::string> proposals_;
  std::map<std::pair<std::string, bool>, std::string> lists_;                       // name, ROI: place
  std::map<std::array<double, 3>, std::pair<std::string, std::string>> positives_;  // file, place
};

}  // namespace

ForeignFile AsOne(std::span<const MarkupsFile> files) {
  ForeignFile one = files.front().file;
  if (files.size() == 1) return one;
  std::string digests = one.sha256;
  for (const MarkupsFile& other : files.subspan(1)) {
    one.file += " + " + other.file.file;
    digests += other.file.sha256;
    if (ParseDateTime(one.changed) < ParseDateTime(other.file.changed)) one.changed = other.file.changed;
  }
  one.sha256 = Sha256Hex(std::as_bytes(std::span(digests)));
  return one;
}

Prompts ParseSlicerMarkups(std::span<const MarkupsFile> files, const StudyImage& image, const std::string& study_uid) {
  Converter converter;
  for (const auto& [file, bytes] : files) {
    const json document = ParseStrictJson(bytes, file.file, SlicerKind());
    converter.Open(file.file, files.size() == 1 ? "" : file.file);
    const json& nodes = document.at("markups");
    if (nodes.empty()) Refuse("PROMPT_EMPTY", file.file, "/markups", "holds no list");
    for (std::size_t i = 0; i < nodes.size(); ++i) converter.Add(nodes[i], "/markups/" + std::to_string(i));
  }
  const ForeignFile one = AsOne(files);
  const std::string answer = converter.Answer();
  Prompts prompts = converter.Take();
  if (prompts.lesions.empty())
    Refuse("PROMPT_NO_POSITIVE", one.file, "/markups", "holds no lesion, but background only");
  prompts.image = NamesOf(image, study_uid);
  prompts.provenance = {.source = "imported",
                        .created = one.changed,
                        .tool = "3D Slicer",
                        .imported_from = answer.empty() ? "slicer-markups sha256:" + one.sha256 : answer};
  CheckPrompts(prompts, one.file);
  return prompts;
}

}  // namespace dinsd
