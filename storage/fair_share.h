#pragma once

#include <optional>
#include <string>

#include "storage/database.h"
#include "storage/job_records.h"
#include "storage/queue_options.h"

namespace dinsd {

/// Whose turn it is: start-time fair queueing over the lanes by weight, and within a lane over its sources, all alike.
/// A lane or source that had nothing to do comes back at the present virtual time, so it saves up no turns; an archive
/// of a million studies in `bulk` delays a single urgent one by at most the jobs that run already.
/// Method: Goyal, Vin and Cheng, Start-time Fair Queuing, SIGCOMM 1996.
class FairShare {
 public:
  FairShare(Database& database, const QueueOptions& options) : database_(database), options_(options) {}

  /// Makes a source known in a lane; to be called when a job of it becomes available.
  void Join(Lane lane, const std::string& source);

  struct Turn {
    Lane lane = Lane::kRoutine;
    std::string source;
  };
  /// The next lane and source with an available job, and charges them for it; nothing if no job is available.
  [[nodiscard]] std::optional<Turn> Next();

 private:
  [[nodiscard]] std::int64_t StrideOf(Lane lane) const;

  Database& database_;
  QueueOptions options_;
};

}  // namespace dinsd
