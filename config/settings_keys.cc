#include "config/settings_keys.h"

#include <algorithm>
#include <cctype>

#include "config/ip_prefix.h"
#include "config/key_rules.h"
#include "config/publish_keys.h"

// The declarative table of every key. Where a field has rules of its own (its struct's Check), they hold as well.

namespace dinsd {
namespace {

constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMiB = 1 << 20;

bool IsDevice(const std::string& text) {
  if (text == "auto" || text == "cpu") return true;
  const std::string digits = text.starts_with("cuda:") ? text.substr(5) : "";
  return !digits.empty() && digits.size() <= 2 &&
         std::all_of(digits.begin(), digits.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

Key LaneKey(Lane& field, std::string about) {
  return ChoiceKey<Lane>("lane", field, {{"urgent", Lane::kUrgent}, {"routine", Lane::kRoutine}, {"bulk", Lane::kBulk}},
                         std::move(about));
}

Key RequiredSeriesKey(std::vector<std::string>& field) {
  return TextListKey("required_series", field, "POSIX extended regular expressions",
                     "DICOM: a study waits until for each a series has come whose whole SeriesDescription it matches, "
                     "in any case.",
                     IsWordPattern, true);
}

Key PatientsKey(std::string& field) {
  return TextKey("patients", field, "a-z, 0-9, _ and -; \"\" = the folder's own name",
                 "Folders with the same word here name the same persons by the same identifiers: a prior is looked for "
                 "in all of them.",
                 [](const std::string& text) { return text.empty() || IsSourceName(text); });
}

Key PolicyKey(std::string name, GeometryPolicy& field, bool may_interpolate, std::string about) {
  std::vector<std::pair<std::string, GeometryPolicy>> words = {{"fail", GeometryPolicy::kFail},
                                                               {"process-anyway", GeometryPolicy::kProcessAnyway}};
  if (may_interpolate) words.emplace_back("interpolate", GeometryPolicy::kInterpolate);
  return ChoiceKey(std::move(name), field, std::move(words), std::move(about));
}

Section DaemonSection(DaemonSettings& d, const std::filesystem::path& base) {
  return {
      "daemon",
      "Where things are.",
      {PathKey("state_dir", d.state_dir, base, "Queue and unfinished work; on a local disk, never NFS, SMB or FUSE."),
       PathKey("results_dir", d.results_dir, base, "Results, a folder per job."),
       WholeKey("least_free_mib", d.least_free_bytes, 0, 1 << 20, "MiB",
                "Of the disks of both folders: with less, no study is begun.", kMiB),
       PathKey("socket", d.socket, base, "Where `dins queue` reaches the daemon."),
       TextKey("socket_group", d.socket_group, "a group of this machine", "Its members may use the socket (mode 0660).",
               [](const std::string& text) { return !text.empty(); }),
       ChoiceKey<LogLevel>("log_level", d.log_level,
                           {{"debug", LogLevel::kDebug},
                            {"info", LogLevel::kInfo},
                            {"warning", LogLevel::kWarning},
                            {"error", LogLevel::kError}},
                           "The least that is logged."),
       ChoiceKey<LogFormat>("log_format", d.log_format,
                            {{"auto", LogFormat::kAuto}, {"text", LogFormat::kText}, {"json", LogFormat::kJson}},
                            "auto: JSON lines under systemd, else text."),
       TimeKey("stop_seconds", d.stop, 1, 3600, "s",
               "After SIGTERM running studies may finish for so long, then they are handed back; below the unit's "
               "TimeoutStopSec.")}};
}

Section WorkerSection(WorkerSettings& w) {
  return {
      "worker",
      "The processes that segment, one per device.",
      {TextListKey("devices", w.devices, "\"auto\" | \"cpu\" | \"cuda:0\" .. \"cuda:99\"",
                   "A worker each; auto: every CUDA device, or the CPU where there is none.", IsDevice),
       WholeKey("threads", w.threads, 0, 1024, "", "Threads of a worker on the CPU; 0 = all cores."),
       TimeKey("study_limit_seconds", w.study_limit, 10, kDay, "s",
               "A study that takes longer is stopped. The re-runs of [interval] are ended before, at four fifths of "
               "it, and leave the masks complete, without intervals."),
       TimeKey("silence_limit_seconds", w.silence_limit, 5, 3600, "s",
               "A worker that says nothing for so long is ended."),
       WholeKey("recycle_after", w.recycle_after, 0, 1'000'000, "studies",
                "Then a worker is started afresh; 0 = never.")}};
}

Section SegmentSection(SegmentOptions& s) {
  return {"segment",
          "How a study is segmented.",
          {ChoiceKey<SegmentMode>(
               "mode", s.mode,
               {{"auto", SegmentMode::kAuto}, {"whole", SegmentMode::kWhole}, {"boxes", SegmentMode::kBoxes}},
               "auto: boxes where a study holds more clicks than the network was trained for in one pass."),
           RealKey("threshold", s.threshold, 0.01, 0.99, "", "Of the probability of tumour."),
           FlagKey("average_flips", s.average_flips, "Eight passes instead of one, averaged."),
           RealKey("max_memory_gib", s.max_memory_gib, 0, 4096, "GiB",
                   "A study that is estimated to need more runs in boxes, or is rejected; 0 = no limit."),
           ChoiceKey<bool>("out_of_domain", s.refuse_out_of_domain, {{"flag", false}, {"reject", true}},
                           "What becomes of a study unlike those that the weights were trained for."),
           WholeKey("measurable_slices", s.measurable_slices, 1, 100, "slices",
                    "A lesion that spans fewer is marked below_measurable."),
           TextKey("guide", s.guide, "\"\" or one of " + GuideWords(),
                   "Weights that were trained with another guide are refused; empty: any.",
                   [](const std::string& text) { return text.empty() || GuideRuleFrom(text).has_value(); })}};
}

Section IntervalSection(IntervalOptions& i) {
  return {
      "interval",
      "How sure a volume is: a study is run again with other clicks and a moved, mirrored image. No volume and no "
      "mask hangs on it. Only with weights that are calibrated for it (`interval` in their manifest) and on images "
      "such as they were calibrated on: else nothing is run again, and the report says why there is no interval.",
      {WholeKey("runs", i.runs, 0, 100, "runs",
                "0, or 3 and more. Each takes about as long as the study itself, so that four take a study to several "
                "times its time; fewer than the weights were calibrated with give no interval. 0 = none, and no "
                "volume has an interval."),
       WholeKey("seed", i.seed, 0, 1'000'000'000, "", "Of what is drawn: the same seed gives the same interval."),
       RealKey("jitter_mm", i.variation.jitter_mm, 0, 100, "mm",
               "A click moves by at most so much. Weights are calibrated for this and the next four keys: with "
               "others nothing is run again."),
       RealKey("drop", i.variation.drop, 0, 1, "", "Chance that a positive click is left out; a lesion keeps one."),
       RealKey("exchange", i.variation.exchange, 0, 1, "",
               "Chance that a positive click is set to another place deep inside the lesion."),
       RealKey("shift", i.variation.shift, 0, 1, "pixels", "The image moves by at most so much within its slices."),
       FlagKey("flips", i.variation.flips, "Each run sees the image mirrored in another way.")}};
}

Section FollowUpSection(FollowUpOptions& f) {
  return {
      "followup",
      "How a study is followed from its patient's earlier ones.",
      {FlagKey("propose", f.propose,
               "A study without clicks gets proposed ones from the patient's last final result before it; what "
               "comes of them is preliminary."),
       FlagKey("measure_prior_again", f.measure_prior_again,
               "A prior that was measured with other weights, options or another version is measured again from its "
               "own verified clicks; until then the change has the flag model_mismatch."),
       TimeKey("registration_time_limit_seconds", f.registration_time_limit, 0, kDay, "s",
               "For each station; beyond it the study waits for clicks. 0 = none."),
       WholeKey("registration_cache_mib", f.registration_cache_bytes, 0, 1 << 20, "MiB",
                "Of registrations that are kept below state_dir, so that none is made twice; 0 = none is kept.", kMiB),
       FlagKey("import_masks", f.import.masks,
               "A study without clicks whose folder holds a mask of its images made by others (DICOM SEG, RT Structure "
               "Set, IMAGE.mask.nii.gz) is imported as a final result: no network runs. false: such masks are not "
               "used."),
       TextKey("import_regions", f.import.regions, "\"\" or a POSIX extended regular expression",
               "Which regions of an RT Structure Set are lesions, by all of their name in any case of letters, beside "
               "those of interpreted type GTV; empty: no others.",
               [](const std::string& text) { return text.empty() || IsWordPattern(text); }),
       FlagKey("reports", f.reports,
               "results_dir/patients/ has a report over all timepoints of each patient with two or more.")}};
}

Section QueueSection(QueueSettings& q) {
  QueueOptions& o = q.options;
  return {
      "queue",
      "Leases, retries, fairness, and how long things are kept.",
      {TimeKey("lease_seconds", o.lease, 1, 3600, "s", "A job whose lease is not renewed for so long is taken back."),
       TimeKey("heartbeat_seconds", q.heartbeat, 1, 1200, "s",
               "How often it is renewed; at most a third of the lease."),
       WholeKey("error_budget", o.error_budget, 1, 100, "errors", "Then a job has failed."),
       WholeKey("crash_budget", o.crash_budget, 1, 100, "crashes",
                "Of its reader or worker; then a study is quarantined."),
       WholeKey("lost_budget", o.lost_budget, 1, 1000, "ends",
                "Of the whole service while a study ran; then it is quarantined."),
       TimeKey("backoff_seconds", o.backoff, 0, kDay, "s",
               "Longest wait after the first error; doubles with each, the wait is random below it."),
       TimeKey("crash_backoff_seconds", o.crash_backoff, 0, kDay, "s", "The same after a crash."),
       TimeKey("backoff_cap_seconds", o.backoff_cap, 0, 7 * kDay, "s", "No wait is longer."),
       WholeKey("urgent_weight", o.urgent_weight, 1, 1000, "", "Share of the lane urgent while every lane has work."),
       WholeKey("routine_weight", o.routine_weight, 1, 1000, "", "Share of the lane routine."),
       WholeKey("bulk_weight", o.bulk_weight, 1, 1000, "", "Share of the lane bulk."),
       TimeKey("keep_done_days", q.keep_done, 1, 36500, "days", "Detail of done, cancelled and rejected jobs."),
       TimeKey("keep_failed_days", q.keep_failed, 1, 36500, "days", "Detail of failed and quarantined jobs."),
       TimeKey("keep_waiting_days", q.keep_waiting, 1, 36500, "days",
               "How long a study waits for clicks, and clicks for their study.")}};
}

Section ReadSection(ReadSettings& r) {
  DicomReadOptions& d = r.dicom;
  return {"read",
          "What an input may be, and what becomes of a DICOM series with odd geometry.",
          {WholeKey("max_file_mib", r.limits.max_file_bytes, 1, 1 << 20, "MiB", "Of one file, inflated.", kMiB),
           WholeKey("max_voxels", r.limits.max_voxels, 1, std::int64_t{1} << 36, "voxels", "Of one volume."),
           WholeKey("max_files", r.limits.max_files, 1, 1'000'000, "files", "Of one study."),
           TimeKey("reader_limit_seconds", r.reader_limit, 5, kDay, "s", "A reader that takes longer is ended."),
           RealKey("reader_memory_gib", r.reader_memory_gib, 0.25, 1024, "GiB", "Address space of a reader."),
           RealKey("min_slice_spacing_mm", d.min_slice_spacing_mm, 0.01, 100, "mm", "Of a DICOM series."),
           RealKey("max_slice_spacing_mm", d.max_slice_spacing_mm, 0.01, 100, "mm", "Of a DICOM series."),
           WholeKey("min_slices", d.min_slices, 2, 1000, "slices", "Of a DICOM series."),
           FlagKey("jpeg_2000", d.jpeg_2000,
                   "Decode JPEG 2000 (by OpenJPEG); without, such images are refused as UNDECODABLE."),
           FlagKey("take_only_series", d.take_only_series,
                   "Take the only image series of a study although no rule matches it."),
           FlagKey("join_stations", d.join_stations,
                   "Series of one kind that lie one below the other are the stations of one examination."),
           RealKey("min_station_overlap_mm", d.min_station_overlap_mm, 0, 500, "mm",
                   "Neighbouring stations that share less are refused (STATION_OVERLAP)."),
           PolicyKey("variable_spacing", d.variable_spacing, true, "VARIABLE_SPACING: uneven gaps between slices."),
           PolicyKey("sheared", d.sheared, false, "SHEARED: slices that do not lie above each other."),
           PolicyKey("mixed_orientation", d.mixed_orientation, false, "MIXED_ORIENTATION: as in a localizer."),
           PolicyKey("duplicate_sop", d.duplicate_sop, false, "The same instance twice."),
           PolicyKey("duplicate_position", d.duplicate_position, false, "Two slices at one place."),
           PolicyKey("spacing_out_of_range", d.spacing_out_of_range, false, "Outside of the two limits above.")}};
}

std::vector<Key> ReceiverPlaceKeys(ReceiverSettings& r, const std::filesystem::path& base) {
  return {FlagKey("enabled", r.enabled, "Whether studies are received over the network."),
          TextKey("address", r.address, "an IPv4 or IPv6 address",
                  "Where it listens; \"127.0.0.1\" for this machine alone. A socket unit of systemd goes before.",
                  [](const std::string& text) {
                    return IpPrefix::Parse(text).has_value() && text.find('/') == std::string::npos;
                  }),
          WholeKey("port", r.port, 0, 65535, "", "Where it listens; 0 = any free port, which the log tells."),
          TextKey("ae_title", r.ae_title, "an AE title", "Its own; who calls another one is refused.", IsAeTitle),
          TextListKey("calling_ae_titles", r.calling_ae_titles, "AE titles; [] = any",
                      "Who may connect. A title is no proof of who it is.", IsAeTitle, true),
          TextListKey("storing_ae_titles", r.storing_ae_titles, "AE titles; [] = all of calling_ae_titles",
                      "Who may send objects; others may only ask whether it answers.", IsAeTitle, true),
          TextListKey(
              "peers", r.peers, "addresses or prefixes such as \"10.1.0.0/16\"; [] = any", "From where one may send.",
              [](const std::string& text) { return IpPrefix::Parse(text).has_value(); }, true),
          PathKey("spool_dir", r.spool_dir, base,
                  "Where the objects are kept, a folder for each study, which is watched like a [[watch]] named "
                  "\"received\"."),
          TimeKey("quiet_seconds", r.quiet, 1, kDay, "s", "A study is complete when nothing came for so long."),
          TimeKey("hard_limit_seconds", r.hard_limit, 1, 30 * kDay, "s",
                  "A study that is not complete by then is rejected."),
          RequiredSeriesKey(r.required_series),
          TextKey("count_from", r.count_from, "name of a [[destination]] of kind cstore; \"\" = nobody is asked",
                  "Asked by C-FIND how many instances a study has: until so many have come it waits.",
                  [](const std::string& text) { return text.empty() || IsSourceName(text); }),
          PatientsKey(r.patients),
          TimeKey("keep_objects_days", r.keep_objects, 0, 36500, "days",
                  "So long after its result was published a study is removed from spool_dir; 0 = never."),
          LaneKey(r.lane, "How urgent its studies are.")};
}

std::vector<Key> ReceiverLimitKeys(ReceiverSettings& r) {
  return {WholeKey("max_associations", r.max_associations, 1, 64, "", "At the same time."),
          WholeKey("max_per_ae", r.max_per_ae, 1, 64, "", "At the same time with one calling AE title."),
          WholeKey("max_per_address", r.max_per_address, 1, 64, "", "At the same time from one address."),
          TimeKey("request_seconds", r.request_limit, 1, 600, "s", "For a peer to ask for an association."),
          TimeKey("idle_seconds", r.idle_limit, 1, 3600, "s",
                  "For its next message, and without a byte in the middle of one."),
          TimeKey("association_seconds", r.association_limit, 1, kDay, "s", "Then an association is ended."),
          WholeKey("least_bytes_per_second", r.least_bytes_per_second, 0, kMiB, "bytes/s",
                   "Of an object, on average; who is slower is cut off."),
          WholeKey("max_object_mib", r.max_object_bytes, 1, 1024, "MiB", "Of one object.", kMiB),
          WholeKey("max_objects", r.max_objects, 1, 100'000, "objects", "Of one study."),
          WholeKey("least_free_mib", r.least_free_bytes, 0, std::int64_t{1} << 30, "MiB",
                   "Of the spool's disk: with less, objects are answered with Out of Resources.", kMiB),
          WholeKey("recycle_mib", r.recycle_bytes, 64, 1 << 20, "MiB",
                   "Resident memory; above it a fresh process takes over.", kMiB)};
}

std::vector<Key> TlsKeys(TlsSettings& t, const std::filesystem::path& base) {
  return {FlagKey("tls", t.enabled, "Connections by TLS alone, for peers with a certificate."),
          PathKey("tls_certificate", t.certificate, base, "PEM: its own, and those that lead to its root."),
          PathKey("tls_key", t.key, base, "PEM: the private key of tls_certificate, without a passphrase."),
          PathKey("tls_trusted", t.trusted, base, "PEM: who signs the certificates of peers.")};
}

Section ReceiverSection(ReceiverSettings& r, const std::filesystem::path& base) {
  Section section{"receiver", "Studies that come over the network: DICOM C-STORE.", ReceiverPlaceKeys(r, base)};
  for (Key& key : TlsKeys(r.tls, base)) section.keys.push_back(std::move(key));
  for (Key& key : ReceiverLimitKeys(r)) section.keys.push_back(std::move(key));
  return section;
}

}  // namespace

std::vector<Section> SectionsOf(Settings& settings, const std::filesystem::path& base) {
  return {DaemonSection(settings.daemon, base),
          WorkerSection(settings.worker),
          SegmentSection(settings.segment),
          IntervalSection(settings.segment.interval),
          FollowUpSection(settings.followup),
          PublishSection(settings.publish),
          QueueSection(settings.queue),
          ReadSection(settings.read),
          ReceiverSection(settings.receiver, base),
          SenderSection(settings.sender, base)};
}

Section SectionOf(WatchSettings& w, const std::filesystem::path& base) {
  return {"watch",
          "A folder that studies arrive in; read only, never written to. Repeat for more.",
          {Required(TextKey("name", w.name, "a-z, 0-9, _ and -", "Stands for the folder in queue, results and log.",
                            IsSourceName)),
           Required(PathKey("path", w.path, base, "The folder.")),
           ChoiceKey<ReadyWhen>("ready", w.ready,
                                {{"manifest", ReadyWhen::kManifest},
                                 {"done-file", ReadyWhen::kDoneFile},
                                 {"rename-in", ReadyWhen::kRenameIn},
                                 {"quiet", ReadyWhen::kQuiet}},
                                "When a study is complete: study.json says so, a .done file lies in it, it was renamed "
                                "into the folder, or nothing changes any more."),
           TimeKey("quiet_seconds", w.quiet, 1, kDay, "s", "How long nothing may change, for ready = \"quiet\"."),
           TimeKey("hard_limit_seconds", w.hard_limit, 1, 30 * kDay, "s",
                   "A study that is not complete by then is rejected."),
           RequiredSeriesKey(w.required_series), PatientsKey(w.patients),
           TimeKey("rescan_seconds", w.rescan, 1, kDay, "s", "How often the folder is looked through."),
           LaneKey(w.lane, "How urgent its studies are.")}};
}

Section SectionOf(ModelSettings& m, const std::filesystem::path& base) {
  return {"model",
          "Weights and the studies they are for: the first entry whose conditions all hold is taken. Repeat for more.",
          {Required(PathKey("weights", m.weights, base, "A safetensors file of dinsd.")),
           TextKey("sequence", m.sequence, "a POSIX extended regular expression; \"\" = any",
                   "Must match the whole word of the sequence (stir, t1, ...), in any case.", IsWordPattern),
           ChoiceKey<SliceOrientation>("orientation", m.orientation,
                                       {{"any", SliceOrientation::kAny},
                                        {"coronal", SliceOrientation::kCoronal},
                                        {"axial", SliceOrientation::kAxial},
                                        {"sagittal", SliceOrientation::kSagittal}},
                                       "Of the slices."),
           RealKey("min_slice_spacing_mm", m.min_slice_spacing_mm, 0, 1000, "mm", "Between slices."),
           RealKey("max_slice_spacing_mm", m.max_slice_spacing_mm, 0, 1000, "mm", "Between slices."),
           RealKey("min_pixel_spacing_mm", m.min_pixel_spacing_mm, 0, 1000, "mm", "Within a slice."),
           RealKey("max_pixel_spacing_mm", m.max_pixel_spacing_mm, 0, 1000, "mm", "Within a slice.")}};
}

}  // namespace dinsd
