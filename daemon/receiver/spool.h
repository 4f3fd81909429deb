#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <semaphore>
#include <set>
#include <string>

#include "config/settings.h"
#include "daemon/process/unique_fd.h"
#include "daemon/receiver/file_meta.h"
#include "daemon/receiver/folder_sync.h"
#include "daemon/receiver/instance_index.h"
#include "daemon/receiver/part_file.h"
#include "pipeline/read/dicom_prescan.h"

namespace dinsd {

/// The answer to a C-STORE request (DICOM PS3.4 B.2.3, PS3.7 C).
enum class StoreStatus : std::uint16_t {
  kSuccess = 0x0000,
  kClassNotSupported = 0x0122,  // another SOP class than that of the presentation context
  kNotAuthorised = 0x0124,      // a peer that is none of storing_ae_titles
  kNoRoom = 0xA700,             // of the disk, of the study, or beyond the largest object
  kMismatch = 0xA900,           // the data set is not the object that the request names
  kNotUnderstood = 0xC000,      // the pre-scan refuses it
};

/// The folder that objects are received into:
///
///   STUDY/PATIENT/OBJECT.dcm  what was accepted. The names are digests: of the StudyInstanceUID; of PatientID and
///                             IssuerOfPatientID; of SOPInstanceUID and transfer syntax, and of the data set. So the
///                             same object lies there once however often it is sent; objects of one study that name two
///                             patients never lie in one folder, and a reader that looks at STUDY sees the conflict;
///                             and a SOPInstanceUID with another content is kept beside the first.
///   STUDY/instance-conflict.txt  in both of two studies in which one SOPInstanceUID came; a reader quarantines them
///   .parts/RANDOM/            what is arriving, of one process; that of a process which is gone is removed at the
///                             start
///   .instances/               which study each instance came in
///
/// Accepted is kept: Keep says kSuccess when the file, its name and the folders on the way are on the disk.
/// Thread-safe.
class Spool {
 public:
  /// Makes what is missing. Throws std::system_error.
  explicit Spool(const ReceiverSettings& settings);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Whether the disk has room for more.
  [[nodiscard]] bool HasRoom() const;

  /// The folder of what is arriving, for a PartFile.
  [[nodiscard]] int parts() const { return own_parts_.get(); }

  /// Looks at what has arrived as the file of `names` (file meta and data set), and keeps it if it is sound.
  [[nodiscard]] StoreStatus Keep(PartFile& part, const ObjectNames& names);

 private:
  struct Place {
    std::string study, patient, object, instance;
    [[nodiscard]] std::string Path() const { return study + "/" + patient + "/" + object; }
  };

  [[nodiscard]] StoreStatus Look(const PartFile& part, const ObjectNames& names, Place& place);
  [[nodiscard]] StoreStatus Move(PartFile& part, const Place& place);
  [[nodiscard]] UniqueFd OpenPatient(const Place& place);
  [[nodiscard]] UniqueFd LockStudy(const Place& place, const UniqueFd& patient) const;
  [[nodiscard]] bool HasRoomIn(const std::string& study);
  void MarkConflict(const std::string& study, const std::string& other);
  void RemoveLeftParts();

  const ReceiverSettings& settings_;
  std::filesystem::path root_path_;
  UniqueFd root_, all_parts_, own_parts_;
  std::string own_name_;
  std::optional<InstanceIndex> instances_;
  std::counting_semaphore<> looks_;
  FolderSync sync_;
  std::mutex mutex_;
  std::map<std::string, int> objects_;  // by study, as far as they were counted
  std::set<std::string> durable_;       // folders of patients
};

}  // namespace dinsd
