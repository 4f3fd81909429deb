#include "daemon/receiver/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <system_error>

#include "daemon/messages/conflict_mark.h"
#include "pipeline/read/digest.h"

namespace dinsd {
namespace {

constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr mode_t kFolderMode = 02770;  // clicks may be put beside the images
constexpr std::ptrdiff_t kLooksAtOnce = 4;
constexpr std::size_t kDigits = 32;
constexpr std::size_t kMostCounted = 4096;

[[noreturn]] void Throw(const std::string& doing) {
  throw std::system_error(errno, std::generic_category(), doing);
}

std::string NameOf(const std::string& text) {
  return Sha256Hex(std::as_bytes(std::span(text))).substr(0, kDigits);
}

UniqueFd MakeFolder(int parent, const std::string& name, mode_t mode) {
  if (::mkdirat(parent, name.c_str(), mode) != 0 && errno != EEXIST) Throw("making a folder of the spool");
  UniqueFd folder(::openat(parent, name.c_str(), kFolder));
  if (!folder) Throw("opening a folder of the spool");
  return folder;
}

class MappedFile {
 public:
  MappedFile(int fd, std::uint64_t size) : size_(size) {
    if (size > 0) start_ = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() {
    if (is_there()) ::munmap(start_, size_);
  }
  [[nodiscard]] bool is_there() const { return start_ != MAP_FAILED; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(start_), size_}; }

 private:
  void* start_ = MAP_FAILED;
  std::uint64_t size_;
};

int FilesIn(const std::filesystem::path& folder) {
  std::error_code failed;
  int count = 0;
  for (std::filesystem::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed))
    count += at->path().extension() == ".dcm" ? 1 : 0;
  return count;
}

}  // namespace

Spool::Spool(const ReceiverSettings& settings)
    : settings_(settings), root_path_(settings.spool_dir), looks_(kLooksAtOnce) {
  std::filesystem::create_directories(root_path_);
  root_.Reset(::open(root_path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root_) Throw("opening the spool");
  all_parts_ = MakeFolder(root_.get(), ".parts", 0700);
  RemoveLeftParts();
  instances_.emplace(root_.get());
  own_name_ = RandomName();
  own_parts_ = MakeFolder(all_parts_.get(), own_name_, 0700);
  if (::flock(own_parts_.get(), LOCK_EX | LOCK_NB) != 0) Throw("locking a folder of the spool");
}

Spool::~Spool() {
  ::unlinkat(all_parts_.get(), own_name_.c_str(), AT_REMOVEDIR);
}

// A receiver that runs, as the one that is being relieved may, holds a lock on its own folder.
void Spool::RemoveLeftParts() {
  std::error_code failed;
  for (std::filesystem::directory_iterator at(root_path_ / ".parts", failed), end; !failed && at != end;
       at.increment(failed)) {
    const UniqueFd folder(::openat(all_parts_.get(), at->path().filename().c_str(), kFolder));
    if (folder && ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::error_code ignored;
    std::filesystem::remove_all(at->path(), ignored);
  }
}

bool Spool::HasRoom() const {
  struct statvfs disk {};
  if (::fstatvfs(root_.get(), &disk) != 0) return false;
  return std::uint64_t{disk.f_bavail} * disk.f_frsize >= settings_.least_free_bytes;
}

StoreStatus Spool::Keep(PartFile& part, const ObjectNames& names) {
  if (part.fault() != PartFile::Fault::kNone) return StoreStatus::kNoRoom;
  Place place;
  const StoreStatus seen = Look(part, names, place);
  if (seen != StoreStatus::kSuccess) return seen;
  try {
    return part.Sync() ? Move(part, place) : StoreStatus::kNoRoom;
  } catch (const std::system_error&) {
    return StoreStatus::kNoRoom;
  }
}

StoreStatus Spool::Look(const PartFile& part, const ObjectNames& names, Place& place) {
  looks_.acquire();
  const auto release = [](std::counting_semaphore<>* looks) { looks->release(); };
  const std::unique_ptr<std::counting_semaphore<>, decltype(release)> done(&looks_, release);
  const MappedFile file(part.fd(), part.size());
  if (!file.is_there()) return StoreStatus::kNoRoom;
  DicomPrescanLimits limits;
  limits.max_file_bytes = std::max(limits.max_file_bytes, settings_.max_object_bytes);
  const DicomLayout layout = PrescanDicom(file.bytes(), "", limits);
  if (layout.error) return StoreStatus::kNotUnderstood;
  if (layout.data_set_offset != part.head_size()) return StoreStatus::kNotUnderstood;
  if (layout.is_directory || layout.sop_class_uid != names.sop_class || layout.sop_instance_uid != names.sop_instance)
    return StoreStatus::kMismatch;
  place.study = NameOf(layout.study_uid);
  place.patient = NameOf(layout.patient_id + '\0' + layout.issuer_of_patient_id);
  place.instance = NameOf(layout.sop_instance_uid);
  place.object =
      NameOf(layout.sop_instance_uid + ' ' + names.transfer_syntax) + "-" + part.Digest().substr(0, kDigits) + ".dcm";
  return StoreStatus::kSuccess;
}

StoreStatus Spool::Move(PartFile& part, const Place& place) {
  if (!HasRoomIn(place.study)) return StoreStatus::kNoRoom;
  UniqueFd patient = OpenPatient(place), lock = LockStudy(place, patient);
  while (!lock) {  // it was removed just now
    patient = OpenPatient(place);
    lock = LockStudy(place, patient);
  }
  if (const std::optional<std::string> other = instances_->Add(place.instance, place.Path())) {
    MarkConflict(place.study, *other);
    MarkConflict(other->substr(0, other->find('/')), place.Path());
  }
  const bool is_new = part.MoveTo(patient.get(), place.object);
  sync_.Wait(patient.get());  // also where it was there: another association may be about to do this
  if (is_new) {
    const std::lock_guard lock(mutex_);
    const auto counted = objects_.find(place.study);
    if (counted != objects_.end()) ++counted->second;
  }
  return StoreStatus::kSuccess;
}

// On the disk before the object that it is about has its name. A study that has been removed needs no mark.
void Spool::MarkConflict(const std::string& study, const std::string& other) {
  const UniqueFd folder(::openat(root_.get(), study.c_str(), kFolder));
  if (!folder) return;
  const UniqueFd mark(
      ::openat(folder.get(), kConflictMark, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0660));
  if (!mark) Throw("marking a study");
  const std::string line = "An instance (SOPInstanceUID) of this study came in another study too: " + other + "\n";
  if (::write(mark.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) Throw("marking a study");
  if (::fsync(mark.get()) != 0) Throw("syncing a mark");
  sync_.Wait(folder.get());
}

// A folder counts as made once this process has waited for its name to be on the disk: one that was found may be from a
// receiver that ended before it could.
UniqueFd Spool::OpenPatient(const Place& place) {
  const std::string path = place.study + "/" + place.patient;
  const std::lock_guard lock(mutex_);
  if (durable_.contains(path)) {
    UniqueFd known(::openat(root_.get(), path.c_str(), kFolder));
    if (known) return known;  // else a person removed it
  }
  const UniqueFd study = MakeFolder(root_.get(), place.study, kFolderMode);
  UniqueFd patient = MakeFolder(study.get(), place.patient, kFolderMode);
  ::fchmod(study.get(), kFolderMode);
  ::fchmod(patient.get(), kFolderMode);
  sync_.Wait(study.get());
  sync_.Wait(root_.get());
  if (durable_.size() > kMostCounted) durable_.clear();
  durable_.insert(path);
  return patient;
}

// Keeps the parent from removing the study, as it does with those that are done. Nothing if it has done so already, and
// `patient` is no longer the folder of that name.
UniqueFd Spool::LockStudy(const Place& place, const UniqueFd& patient) const {
  UniqueFd study(::openat(root_.get(), place.study.c_str(), kFolder));
  struct stat opened {
  }, named{};
  if (!study || ::flock(study.get(), LOCK_SH) != 0 || ::fstat(patient.get(), &opened) != 0) return UniqueFd();
  const std::string path = place.study + "/" + place.patient;
  const bool is_there = ::fstatat(root_.get(), path.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0;
  return is_there && named.st_ino == opened.st_ino && named.st_dev == opened.st_dev ? std::move(study) : UniqueFd();
}

bool Spool::HasRoomIn(const std::string& study) {
  const std::lock_guard lock(mutex_);
  if (objects_.size() > kMostCounted) objects_.clear();
  const auto [counted, is_new] = objects_.try_emplace(study, 0);
  if (is_new || counted->second >= settings_.max_objects) counted->second = FilesIn(root_path_ / study);
  return counted->second < settings_.max_objects;
}

}  // namespace dinsd
