#include "storage/fair_share.h"

#include <array>

namespace dinsd {
namespace {

constexpr std::int64_t kUnit = 1'000'000;  // virtual time of one job at weight 1

constexpr std::array<Lane, 3> kLanesByUrgency = {Lane::kUrgent, Lane::kRoutine, Lane::kBulk};

struct Candidate {
  FairShare::Turn turn;
  std::int64_t start = 0;
};

// max(own virtual time, that of the level): who was idle saves nothing up.
constexpr std::string_view kSources =
    "SELECT s.source, max(s.vtime, l.clock) AS start FROM share s JOIN share l ON l.lane = s.lane AND l.source = ''"
    " WHERE s.lane = ? AND s.source <> ''"
    "   AND EXISTS (SELECT 1 FROM job j WHERE j.state = 'available' AND j.lane = s.lane AND j.source = s.source)"
    " ORDER BY start, s.source LIMIT 1";

std::optional<Candidate> FirstSource(Database& database, Lane lane) {
  Statement sources = database.Prepare(kSources);
  sources.Bind(Word(lane));
  if (!sources.Step()) return std::nullopt;
  return Candidate{{lane, sources.Text(0)}, sources.Integer(1)};
}

}  // namespace

void FairShare::Join(Lane lane, const std::string& source) {
  const std::string_view word = Word(lane);
  for (const auto& [row_lane, row_source] :
       std::array<std::pair<std::string_view, std::string_view>, 3>{{{"", ""}, {word, ""}, {word, source}}}) {
    database_.Run("INSERT OR IGNORE INTO share (lane, source) VALUES (?, ?)", row_lane, row_source);
  }
}

std::int64_t FairShare::StrideOf(Lane lane) const {
  const std::array<int, 3> weights = {options_.urgent_weight, options_.routine_weight, options_.bulk_weight};
  return kUnit / weights.at(static_cast<std::size_t>(lane));
}

std::optional<FairShare::Turn> FairShare::Next() {
  std::optional<Candidate> best;
  std::int64_t best_start = 0;
  for (const Lane lane : kLanesByUrgency) {
    const std::optional<Candidate> first = FirstSource(database_, lane);
    if (!first) continue;
    const std::int64_t start =
        database_
            .Number(
                "SELECT max(l.vtime, c.clock) FROM share l, share c WHERE l.lane = ? AND l.source = ''"
                " AND c.lane = '' AND c.source = ''",
                Word(lane))
            .value_or(0);
    if (!best || start < best_start) {
      best = first;
      best_start = start;
    }
  }
  if (!best) return std::nullopt;
  const std::string lane(Word(best->turn.lane));
  database_.Run("UPDATE share SET clock = ? WHERE lane = '' AND source = ''", best_start);
  database_.Run("UPDATE share SET vtime = ?, clock = ? WHERE lane = ? AND source = ''",
                best_start + StrideOf(best->turn.lane), best->start, lane);
  database_.Run("UPDATE share SET vtime = ? WHERE lane = ? AND source = ?", best->start + kUnit, lane,
                best->turn.source);
  return best->turn;
}

}  // namespace dinsd
