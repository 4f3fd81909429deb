#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/clock.h"
#include "storage/job_states.h"
#include "storage/process_identity.h"
#include "storage/queue_options.h"

namespace dinsd {

/// A job's number; never used again, also not after its row is gone.
enum class JobId : std::int64_t {};

/// A study as the scan of a folder sees it. `root` and `entry` may name a patient: never log them.
struct StudySighting {
  std::string source;       // name of the watched folder; for a submitted study the absolute path of its parent
  std::string root;         // absolute path of that folder
  std::string entry;        // the study's name in it
  std::string fingerprint;  // digest over names, sizes, inodes and times of its files; another one = it changed
  Lane lane = Lane::kRoutine;
};

/// What may be told of a study without naming anybody.
struct StudyFacts {
  std::string patient;     // pseudonym
  std::string study_date;  // YYYY-MM-DD or empty
  std::string study_hash;  // salted digest of the study's identifier
};

/// What the reader's account of a study amounts to.
struct WorkOrder {
  std::string key;    // idempotency key: digest of inputs + clicks + weights + options
  std::string model;  // weights chosen
  Lane lane = Lane::kRoutine;
  StudyFacts facts;
  std::string text;    // what the worker is told; the queue does not look into it
  std::string images;  // digest of the images alone, whatever the clicks; empty = not known
};

/// The right to work on a job. Whoever comes back with another one than the job's current one changes nothing.
struct Lease {
  JobId job{};
  std::int64_t attempt = 0;
  std::int64_t token = 0;

  friend bool operator==(const Lease&, const Lease&) = default;
};

/// Why a job stands where it stands: a stable code, the file and field at fault if there are any, and a sentence.
struct Reason {
  std::string code;
  std::string file;
  std::string field;
  std::string sentence;
};

struct Progress {
  double share = 0;  // 0 .. 1
  std::string stage;
  std::optional<double> seconds_left;
};

/// One row of the queue.
struct Job {
  JobId id{};
  std::string source;
  std::string root;
  std::string entry;
  std::string fingerprint;
  JobState state = JobState::kReceived;
  Lane lane = Lane::kRoutine;
  std::optional<std::string> key;
  std::optional<std::string> images;  // digest of the images alone; set with the key where it is known
  std::int64_t revision = 1;
  std::string model;
  StudyFacts facts;
  std::int64_t attempt = 0;
  std::optional<std::int64_t> token;  // set while somebody has it, with the two below
  std::optional<ProcessIdentity> owner;
  std::optional<WallTime> lease_until;
  Progress progress;
  std::int64_t error_count = 0;
  std::int64_t crash_count = 0;
  std::int64_t lost_count = 0;
  WallTime run_at{};
  std::optional<std::string> result_digest;
  std::optional<JobId> duplicate_of;
  Reason reason;
  WallTime created_at{};
  WallTime changed_at{};
};

struct LeasedJob {
  Lease lease;
  Job job;
  std::string work_order;
};

struct JournalLine {
  WallTime at{};
  std::string who;
  std::string what;
  std::string reason;
};

struct PublishedResult {
  JobId job{};
  std::int64_t revision = 0;
  std::string key;
  std::string digest;  // SHA-256 of its result.json
  WallTime published_at{};
  std::optional<std::string> images;  // digest of its images alone; nothing = not looked up yet, empty = not known
};

struct JobHistory {
  Job job;
  std::vector<JournalLine> journal;  // oldest first
  std::vector<PublishedResult> results;
};

/// Whether something fenced by a lease was done, or thrown away since the lease is no longer the job's current one.
enum class [[nodiscard]] Fenced{kDone, kStale};

}  // namespace dinsd
