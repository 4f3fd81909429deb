#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "pipeline/read/dicom_read_options.h"
#include "pipeline/read/read_options.h"
#include "pipeline/segment/segment_options.h"
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
};

enum class SliceOrientation { kAny, kCoronal, kAxial, kSagittal };

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
  std::chrono::seconds study_limit{1200};       // a study that takes longer is stopped: an error
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

/// Everything that dinsd.toml says, checked. Every path is absolute.
struct Settings {
  DaemonSettings daemon;
  std::vector<WatchSettings> watches;
  std::vector<ModelSettings> models;
  WorkerSettings worker;
  SegmentOptions segment;
  QueueSettings queue;
  ReadSettings read;
};

}  // namespace dinsd
