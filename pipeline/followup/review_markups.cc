#include "pipeline/followup/review_markups.h"

#include <nlohmann/json.hpp>

#include "pipeline/prompt/proposal.h"

namespace dinsd {
namespace {

int OrderIn(const PromptLesion& lesion, const PromptClick& click) {
  return click.order.value_or(static_cast<int>(&click - lesion.clicks.data()));
}

}  // namespace

std::string SlicerMarkups(const PromptLesion& lesion, const std::string& proposal_sha256) {
  nlohmann::json points = nlohmann::json::array();
  for (const PromptClick& click : lesion.clicks) {
    if (click.status == ClickStatus::kRejected) continue;
    points.push_back({{"id", std::to_string(points.size() + 1)},
                      {"label", click.sign == Polarity::kPositive ? "+" : "-"},
                      {"description", MarkInWords({proposal_sha256, OrderIn(lesion, click)})},
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

}  // namespace dinsd
