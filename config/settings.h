#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/destination_settings.h"
#include "config/tls_settings.h"
#include "pipeline/followup/followup_options.h"
#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/read_options.h"
#include "pipeline/segment/segment_options.h"
#include "pipeline/write/dicom_output_options.h"
#include "storage/queue_options.h"

namespace dinsd {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat {
  kAuto,  // JSON lines under systemd, else text
  kText,
  kJson,
};

/// [daemon]: where things are.
struct DaemonSettings {
  std::filesystem::path state_dir = "/var/lib/dinsd";  // queue, staging; a local disk
  std::filesystem::path results_dir = "/var/lib/dinsd/results";
  std::filesystem::path socket = "/run/dinsd/control.sock";
  std::string socket_group = "dinsd";
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kAuto;
  std::uint64_t least_free_bytes = std::uint64_t{512} << 20U;  // of both folders' disks, else no study is begun
  std::chrono::seconds stop{90};                               // after SIGTERM, until running studies are handed back
};

/// How a sender says that a study in a watched folder is complete.
enum class ReadyWhen { kManifest, kDoneFile, kRenameIn, kQuiet };

/// [[watch]]: one folder that studies arrive in.
struct WatchSettings {
  std::string name;  // stands for the folder in the queue, its results and the log; [a-z0-9_-]+
  std::filesystem::path path;
  ReadyWhen ready = ReadyWhen::kQuiet;
  std::chrono::seconds quiet{30};
  std::chrono::seconds hard_limit{5400};
  std::chrono::seconds rescan{60};
  Lane lane = Lane::kRoutine;
  std::vector<std::string>
      required_series;   // regular expressions as of ModelSettings::sequence, each for a description
  std::string patients;  // whose words for patients mean the same persons: folders with the same word here share
                         // their patients' histories; empty = `name`, so that no other folder does
  [[nodiscard]] const std::string& Patients() const { return patients.empty() ? name : patients; }
};

/// [[model]]: weights and the studies they are for; the first whose conditions all hold is taken.
struct ModelSettings {
  std::filesystem::path weights;
  std::string
      sequence;  // regular expression (ECMAScript, any case) that the sequence's word matches in whole; empty = any
  SliceOrientation orientation = SliceOrientation::kAny;
  double min_slice_spacing_mm = 0;
  double max_slice_spacing_mm = 1000;
  double min_pixel_spacing_mm = 0;
  double max_pixel_spacing_mm = 1000;
};

/// [worker]: the processes that segment.
struct WorkerSettings {
  std::vector<std::string> devices = {"auto"};  // a worker each: "auto", "cpu", "cuda:0", ...
  int threads = 0;                              // of a worker on the CPU; 0 = all cores, shared by the workers
  std::chrono::seconds study_limit{1200};       // a study that takes longer is stopped: an error; re-runs end before
  std::chrono::seconds silence_limit{60};       // a worker that says nothing for so long is ended: a crash
  int recycle_after = 200;                      // studies until a worker is started afresh; 0 = never
};

/// [queue]: what storage/ keeps, and for how long.
struct QueueSettings {
  QueueOptions options;
  std::chrono::seconds heartbeat{15};
  std::chrono::days keep_done{30};     // detail of done, cancelled and rejected jobs
  std::chrono::days keep_failed{90};   // detail of failed and quarantined jobs
  std::chrono::days keep_waiting{90};  // studies without clicks, and sidecars without images
};

/// [read]: what an input may be.
struct ReadSettings {
  ReadLimits limits;
  DicomReadOptions dicom;
  std::chrono::seconds reader_limit{300};  // a reader that takes longer is ended: a crash
  double reader_memory_gib = 2;            // address space of a reader
};

/// The name of the watched folder that the receiver fills.
inline constexpr const char* kReceivedWatch = "received";

/// [receiver]: studies that come over the network (DICOM C-STORE), by the process dinsd-receiver.
struct ReceiverSettings {
  bool enabled = false;
  std::string address = "0.0.0.0";  // IPv4 or IPv6
  int port = 11112;                 // 0 = any free one
  std::string ae_title = "DINSD";
  std::vector<std::string> calling_ae_titles;  // empty = any
  std::vector<std::string> storing_ae_titles;  // of those, who may store; empty = all
  std::vector<std::string> peers;              // addresses or prefixes such as 10.1.0.0/16; empty = any
  TlsSettings tls;
  std::filesystem::path spool_dir = "/var/lib/dinsd-received";
  std::chrono::seconds quiet{60};
  std::chrono::seconds hard_limit{5400};
  std::vector<std::string> required_series;  // as of WatchSettings
  std::string count_from;                    // a destination of kind cstore that is asked how many instances a study
                                             // has; empty = nobody is
  std::string patients;                      // as of WatchSettings
  std::chrono::days keep_objects{0};         // after its result was published a study is removed; 0 = never
  Lane lane = Lane::kRoutine;
  int max_associations = 64;
  int max_per_ae = 8;
  int max_per_address = 8;
  std::chrono::seconds request_limit{5};  // for the A-ASSOCIATE-RQ
  std::chrono::seconds idle_limit{30};    // for the next message, and without a byte within one
  std::chrono::seconds association_limit{3600};
  std::int64_t least_bytes_per_second = 1024;  // of an object, on average
  std::uint64_t max_object_bytes = std::uint64_t{512} << 20U;
  int max_objects = 20'000;                                     // of one study
  std::uint64_t least_free_bytes = std::uint64_t{1024} << 20U;  // of the spool's disk, else nothing is taken
  std::uint64_t recycle_bytes = std::uint64_t{512} << 20U;      // resident memory; then a fresh process takes over
  bool jpeg_2000 = false;                                       // [read] jpeg_2000: whether a reader decodes it
  std::filesystem::path reports_dir;                            // the outgoing spool, where a destination is asked for
                                                                // storage commitment; empty = no reports are taken

  /// The spool as a folder that studies arrive in.
  [[nodiscard]] WatchSettings Watch() const {
    return {.name = kReceivedWatch,
            .path = spool_dir,
            .quiet = quiet,
            .hard_limit = hard_limit,
            .lane = lane,
            .required_series = required_series,
            .patients = patients};
  }

  friend bool operator==(const ReceiverSettings&, const ReceiverSettings&) = default;
};

/// Everything that dinsd.toml says, checked. Every path is absolute.
struct Settings {
  DaemonSettings daemon;
  std::vector<WatchSettings> watches;
  std::vector<ModelSettings> models;
  WorkerSettings worker;
  SegmentOptions segment{.interval = {.runs = kUsualIntervalRuns}};
  FollowUpOptions followup;
  DicomOutputOptions publish;
  QueueSettings queue;
  ReadSettings read;
  std::vector<DestinationSettings> destinations;
  SenderSettings sender;
  ReceiverSettings receiver;  // where it is enabled, its spool is the last of the watches
};

}  // namespace dinsd
