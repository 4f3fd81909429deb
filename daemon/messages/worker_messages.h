#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/messages/problem.h"
#include "pipeline/followup/registration_use.h"
#include "pipeline/import/import_options.h"
#include "pipeline/read/study.h"
#include "pipeline/segment/segment_options.h"
#include "pipeline/write/dicom_output_options.h"

namespace dinsd {

/// Which attempt a message is about; a worker echoes it, and an outcome with another ticket than the parent's current
/// one changes nothing.
struct JobTicket {
  std::int64_t job = 0;
  std::int64_t attempt = 0;
  std::string token;  // hexadecimal

  friend bool operator==(const JobTicket&, const JobTicket&) = default;
};

struct WeightsFile {
  std::filesystem::path path;
  std::string sha256;
};

/// That a study is not segmented: its result is the mask that others made.
struct ImportOrder {
  std::string mask_sha256;  // ImportedMask::sha256
  ImportOptions options;

  friend bool operator==(const ImportOrder&, const ImportOrder&) = default;
};

// ---- from the parent ----

/// The first message to a worker.
struct WorkerStart {
  std::string device;                // "auto", "cpu" or "cuda:N"
  int threads = 0;                   // of the network; 0 = LibTorch's default
  std::vector<WeightsFile> weights;  // loaded and tried before the worker says that it is ready
  bool has_fault_points = false;     // honour DINSD_FAIL (tests)
};

/// The prior of the job that the next message is about; the descriptor of the folder with the prior's images travels
/// with it.
struct WorkerPrior {
  JobTicket ticket;
  std::filesystem::path result;  // results/JOB/rN
  std::string result_sha256;     // of its result.json
  std::string name;              // of the study
  RegistrationUse registration;
};

/// A published result: results/JOB/rN and the digest of its result.json.
struct ResultOrder {
  std::filesystem::path result;
  std::string result_sha256;
};

/// The result whose proposed clicks a job's clicks are a review of.
struct WorkerProposal {
  ResultOrder result;
  std::optional<ResultOrder> prior;  // that it was followed from, as that is measured now
};

/// One job; the descriptor of the study's folder travels with the message.
struct WorkerJob {
  JobTicket ticket;
  InspectedStudy study;
  std::string prompts_sha256;  // of the sidecar that was queued; empty: there is none, and a WorkerPrior came before,
                               // or `import` is set
  WeightsFile weights;         // empty where `import` is set
  StudyReadOptions read;
  SegmentOptions options;
  DicomOutputOptions dicom;
  std::filesystem::path staging;  // an empty folder
  std::string job_key;
  int revision = 1;
  std::int64_t study_limit_seconds = 0;  // after which the parent ends the worker: re-runs end before; 0 = never
  std::string created;                   // RFC 3339, for the report
  std::vector<std::string> warnings;     // sentences that the report begins with
  std::optional<WorkerProposal> proposal = {};
  std::optional<ImportOrder> import = {};
};

struct WorkerCancel {
  JobTicket ticket;
};

using ToWorker = std::variant<WorkerStart, WorkerPrior, WorkerJob, WorkerCancel>;

// ---- from the worker ----

struct WorkerReady {
  std::string device;
  std::string reason;
};

struct WorkerProgress {
  JobTicket ticket;
  std::string stage;
  double share = 0;
};

/// The result lies in the staging folder. The digests are of what was really read: the parent compares them with what
/// it had queued.
struct WorkSucceeded {
  std::string result_sha256;
  std::string inputs_sha256;
  std::string prompts_sha256;  // empty where clicks were proposed by the worker itself
  std::string weights_sha256;  // empty where the mask was imported
  std::string prior_sha256;    // of the prior's result.json; empty without one
  std::string mask_sha256;     // of an imported mask; empty without one
};

enum class WorkFailure {
  kTransient,    // out of memory, disk full: try again
  kFatalDevice,  // the device is in doubt: this worker ends after the message
  kFatalConfig,  // the weights are not what the configuration says
};

struct WorkFailed {
  WorkFailure failure = WorkFailure::kTransient;
  std::string code;    // stable, for the log
  std::string detail;  // may hold file names: for the queue only
};

struct WorkStopped {};

struct WorkerOutcome {
  JobTicket ticket;
  std::variant<WorkSucceeded, Problem, WorkFailed, WorkStopped> outcome;
};

using FromWorker = std::variant<WorkerReady, WorkerProgress, WorkerOutcome>;

// The text of a message and back. Parse... throw MessageError for whatever does not keep to the protocol.

[[nodiscard]] std::string ToWorkerText(const ToWorker& message);
[[nodiscard]] ToWorker ParseToWorker(const std::string& text);
[[nodiscard]] std::string FromWorkerText(const FromWorker& message);
[[nodiscard]] FromWorker ParseFromWorker(const std::string& text);

}  // namespace dinsd
