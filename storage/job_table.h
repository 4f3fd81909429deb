#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/database.h"
#include "storage/job_records.h"

namespace dinsd {

/// Rows of the table `job` and the journal that goes with them. Everything here runs inside a transaction of the
/// caller; no rule of the queue but the table of transitions lives here.
class JobTable {
 public:
  explicit JobTable(Database& database) : database_(database) {}

  [[nodiscard]] std::optional<Job> Load(JobId id);

  /// The job if `lease` is its current one and it is in one of `states`.
  [[nodiscard]] std::optional<Job> LoadLeased(const Lease& lease, std::initializer_list<JobState> states);

  /// All jobs that meet `condition` (SQL after WHERE), with its values.
  template <typename... Values>
  [[nodiscard]] std::vector<Job> Select(std::string_view condition, const Values&... values) {
    Statement statement = database_.Prepare(SelectText(condition));
    statement.Bind(values...);
    std::vector<Job> jobs;
    while (statement.Step()) jobs.push_back(JobOf(statement));
    return jobs;
  }

  /// Makes the row of a study that was never seen; `job.id` 0 = the next free number. Returns its number.
  JobId Insert(const Job& job);

  /// Writes `after` over `before`, fenced by its id, state, attempt and token. Whoever leaves the leased states loses
  /// the lease. Throws std::logic_error for a transition that is not in the table, or if the row is no longer `before`.
  void Update(const Job& before, Job after);

  void AddJournal(JobId id, WallTime at, std::string_view who, std::string_view what, std::string_view reason);

 private:
  [[nodiscard]] static std::string SelectText(std::string_view condition);
  [[nodiscard]] static Job JobOf(const Statement& row);

  Database& database_;
};

}  // namespace dinsd
