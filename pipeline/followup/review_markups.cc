#include "pipeline/followup/review_markups.h"

#include <nlohmann/json.hpp>
#include <string_view>

namespace dinsd {
namespace {

constexpr std::string_view kMark = "dinsd proposal ";

}  // namespace

std::string SlicerMarkups(const PromptLesion& lesion, const std::string& proposal_sha256) {
  nlohmann::json points = nlohmann::json::array();
  for (const PromptClick& click : lesion.clicks) {
    if (click.status == ClickStatus::kRejected) continue;
    points.push_back({{"id", std::to_string(points.size() + 1)},
                      {"label", click.sign == Polarity::kPositive ? "+" : "-"},
                      {"description", std::string(kMark) + proposal_sha256},
                      {"position", click.p},
                      {"positionStatus", "defined"}});
  }
  const nlohmann::json file = {
      {"@schema",
       "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/"
       "markups-schema-v1.0.3.json#"},
      {"markups",
       {{{"type", "Fiducial"},
         {"name", lesion.id},
         {"coordinateSystem", "LPS"},
         {"coordinateUnits", "mm"},
         {"controlPoints", points}}}}};
  return file.dump(1);
}

std::set<std::string> ProposalsIn(std::span<const std::byte> markups) {
  std::set<std::string> proposals;
  const auto* const text = reinterpret_cast<const char*>(markups.data());
  const nlohmann::json file = nlohmann::json::parse(text, text + markups.size(), nullptr, false);
  if (!file.is_object() || !file.contains("markups") || !file.at("markups").is_array()) return proposals;
  for (const nlohmann::json& list : file.at("markups")) {
    if (!list.is_object() || !list.contains("controlPoints")) continue;
    for (const nlohmann::json& point : list.at("controlPoints")) {
      const std::string words =
          point.is_object() && point.contains("description") && point.at("description").is_string()
              ? point.at("description").get<std::string>()
              : "";
      if (words.starts_with(kMark)) proposals.insert(words.substr(kMark.size()));
    }
  }
  return proposals;
}

}  // namespace dinsd
