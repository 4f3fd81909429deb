#include <map>
#include <set>

#include "pipeline/longitudinal/longitudinal.h"
#include "pipeline/longitudinal/track_volumes.h"
#include "pipeline/report/report_facts.h"

namespace dinsd {
namespace {

// What both timepoints have: lesions that grew together or fell apart count as one sum.
MatchedSum MatchedAt(const LongitudinalReport& report, std::size_t prior, std::size_t t) {
  const TrackVolumes volumes(report.timepoints(), report.tracks());
  MatchedSum sum{prior, 0, 0, 0};
  std::set<std::size_t> counted;
  for (std::size_t k = 0; k < report.tracks().size(); ++k) {
    const std::optional<ReferenceChange>& change = report.verdicts[k][t].prior;
    if (!change || change->reference != prior || !(change->now_ml > 0) || counted.contains(k)) continue;
    for (const std::size_t member : volumes.GroupOf(k, prior, t)) counted.insert(member);
    sum.prior_ml += change->reference_ml;
    sum.now_ml += change->now_ml;
  }
  sum.lesions = counted.size();
  return sum;
}

struct PartKey {
  const char* kind;
  std::string (*name)(const PriorLesion&);
};

std::string OrNotGiven(const std::string& word) {
  return word.empty() || word == "unspecified" ? "not given" : word;
}

constexpr PartKey kParts[] = {
    {"region", [](const PriorLesion& lesion) { return OrNotGiven(lesion.site ? lesion.site->meaning : ""); }},
    {"type", [](const PriorLesion& lesion) { return OrNotGiven(lesion.type); }},
    {"depth", [](const PriorLesion& lesion) { return OrNotGiven(lesion.depth); }},
    {"side", [](const PriorLesion& lesion) { return OrNotGiven(LateralityWord(lesion.laterality)); }}};

}  // namespace

std::vector<TimepointTotals> TotalsOverTime(const LongitudinalReport& report) {
  std::vector<TimepointTotals> totals;
  std::optional<std::size_t> prior;
  for (std::size_t t = 0; t < report.timepoints().size(); ++t) {
    TimepointTotals total;
    for (const MeasuredLesion& lesion : report.timepoints()[t].lesions) {
      ++total.lesions;
      total.with_voxels += lesion.lesion.volume_ml > 0 ? 1 : 0;
      total.total_ml += lesion.lesion.volume_ml;
    }
    if (prior) total.matched = MatchedAt(report, *prior, t);
    if (report.timepoints()[t].is_final) prior = t;
    totals.push_back(total);
  }
  return totals;
}

std::vector<BurdenPart> BurdenParts(const LongitudinalReport& report) {
  std::vector<BurdenPart> all;
  for (const PartKey& key : kParts) {
    std::map<std::string, BurdenPart> parts;
    for (std::size_t t = 0; t < report.timepoints().size(); ++t) {
      for (const MeasuredLesion& lesion : report.timepoints()[t].lesions) {
        const std::string name = key.name(lesion.lesion);
        BurdenPart& part = parts[name];
        part.kind = key.kind;
        part.name = name;
        part.ml.resize(report.timepoints().size());
        part.ml[t] = part.ml[t].value_or(0) + lesion.lesion.volume_ml;
      }
    }
    if (parts.size() == 1 && parts.contains("not given")) continue;  // nobody said
    for (auto& [name, part] : parts) all.push_back(std::move(part));
  }
  return all;
}

}  // namespace dinsd
