#include "pipeline/longitudinal/place_comparison.h"

#include <algorithm>

namespace dinsd {
namespace {

LabelMap Only(const LabelMap& map, const std::set<std::uint16_t>& labels) {
  LabelMap only = map;
  for (std::uint16_t& label : only.labels) {
    if (!labels.contains(label)) label = 0;
  }
  return only;
}

bool Holds(const std::vector<std::uint16_t>& labels, std::uint16_t label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// Of a group round a known pair: its left-over lesions join it.
void JoinKnown(const std::vector<LesionMatches::Group>& groups, const std::map<std::uint16_t, std::uint16_t>& partner,
               std::vector<std::uint16_t>& left_over, std::vector<LesionMatches::Group>& joined) {
  for (const LesionMatches::Group& group : groups) {
    const auto known = partner.find(group.one);
    if (known == partner.end() || !Holds(group.many, known->second)) continue;
    LesionMatches::Group taken{group.one, {known->second}};
    for (const std::uint16_t label : group.many) {
      if (std::erase(left_over, label) > 0) taken.many.push_back(label);
    }
    std::sort(taken.many.begin(), taken.many.end());
    if (taken.many.size() > 1) joined.push_back(taken);
  }
}

}  // namespace

LesionMatches MatchOpenLesions(const LabelMap& earlier, const LabelMap& later, const PlaceQuestion& question,
                               const MatchOptions& options) {
  LesionMatches matches = MatchLesions(Only(earlier, question.open_earlier), Only(later, question.open_later), options);
  if (question.known.empty() || (matches.unmatched_prior.empty() && matches.unmatched_today.empty())) return matches;
  std::set<std::uint16_t> before(matches.unmatched_prior.begin(), matches.unmatched_prior.end());
  std::set<std::uint16_t> now(matches.unmatched_today.begin(), matches.unmatched_today.end());
  std::map<std::uint16_t, std::uint16_t> earlier_of, later_of;
  for (const auto& [then, today] : question.known) {
    before.insert(then);
    now.insert(today);
    earlier_of[today] = then;
    later_of[then] = today;
  }
  const LesionMatches around = MatchLesions(Only(earlier, before), Only(later, now), options);
  JoinKnown(around.merged, earlier_of, matches.unmatched_prior, matches.merged);
  JoinKnown(around.split, later_of, matches.unmatched_today, matches.split);
  return matches;
}

}  // namespace dinsd
