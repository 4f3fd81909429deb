#include "pipeline/report/review_json.h"

#include <nlohmann/json.hpp>

#include "pipeline/report/report_json.h"

namespace dinsd {
namespace {

using nlohmann::json;

json PlaceOrNull(const std::optional<std::array<double, 3>>& place) {
  return place ? json(*place) : json(nullptr);
}

json ChangesJson(const ReviewChanges& changes) {
  return {{"kept", changes.kept}, {"moved", changes.moved}, {"rejected", changes.rejected}, {"added", changes.added}};
}

json LesionJson(const ReviewedLesion& lesion) {
  json clicks = json::array();
  for (const ReviewedClick& click : lesion.clicks) {
    clicks.push_back({{"decision", Word(click.decision)},
                      {"sign", click.sign == Polarity::kPositive ? "+" : "-"},
                      {"proposed_lps_mm", PlaceOrNull(click.proposed_lps)},
                      {"lps_mm", PlaceOrNull(click.lps)},
                      {"moved_mm", click.moved_mm}});
  }
  return {{"tracking_id", lesion.id},  {"added", lesion.is_added},    {"clicks", ChangesJson(ChangesOf(lesion))},
          {"changes", lesion.changes}, {"in_words", InWords(lesion)}, {"decisions", clicks}};
}

}  // namespace

json ReviewJson(const ReviewRecord& record) {
  json lesions = json::array();
  for (const ReviewedLesion& lesion : record.lesions) lesions.push_back(LesionJson(lesion));
  const ReviewChanges changes = ChangesOf(record);
  return {{"operator", TextOrNull(record.who)},
          {"created", TextOrNull(record.when)},
          {"remark", TextOrNull(record.remark)},
          {"proposal_sha256", TextOrNull(record.proposal_sha256)},
          {"proposal_revision", record.revision},
          {"clicks", ChangesJson(changes)},
          {"lesions_added", changes.lesions_added},
          {"background_clicks_added", record.background_clicks},
          {"in_words", InWords(record)},
          {"lesions", lesions}};
}

}  // namespace dinsd
