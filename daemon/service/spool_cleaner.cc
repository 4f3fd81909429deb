#include "daemon/service/spool_cleaner.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>

#include "daemon/intake/fingerprint.h"
#include "daemon/process/unique_fd.h"
#include "daemon/publish/durable_files.h"
#include "daemon/service/job_log.h"

namespace dinsd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRemoved = ".removed";
constexpr const char* kGoing = ".going";  // what follows the name of a folder that is being removed
constexpr std::chrono::hours kLookAgain{1};

// Of a crash, or of a removal that could not go on.
void FinishRemovals(const fs::path& removed) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(removed, failed)) {
    std::error_code ignored;
    if (entry.path().extension() == kGoing) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

void SpoolCleaner::Clean() {
  const ReceiverSettings& receiver = context_.settings.receiver;
  if (!receiver.enabled || receiver.keep_objects.count() == 0 || Clock::now() < due_) return;
  try {
    FinishRemovals(receiver.spool_dir / kRemoved);
    for (const auto& entry : fs::directory_iterator(receiver.spool_dir)) {
      const std::string name = entry.path().filename();
      if (name.starts_with('.')) continue;
      const std::optional<Job> job = context_.queue.FindStudy(kReceivedWatch, name);
      if (job && IsRemovable(*job) && Remove(*job)) return;
    }
  } catch (const std::system_error& error) {
    Log(Severity::kError, "the spool could not be cleaned", {{"errno", error.code().value()}});
  }
  due_ = Clock::now() + kLookAgain;
}

bool SpoolCleaner::IsRemovable(const Job& job) const {
  const auto age = std::chrono::system_clock::now() - job.changed_at;
  return job.state == JobState::kDone && age > context_.settings.receiver.keep_objects &&
         context_.queue.HasResults(job.id);
}

// A receiver that is about to add an object holds a shared lock on the study's folder.
bool SpoolCleaner::Remove(const Job& job) const {
  const fs::path spool = context_.settings.receiver.spool_dir;
  const UniqueFd folder(::open((spool / job.entry).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!folder || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) return false;
  const std::optional<StudySnapshot> study = ScanStudy(spool, job.entry);
  if (!study || FingerprintOf(*study) != job.fingerprint) return false;
  const fs::path removed = spool / kRemoved;
  fs::create_directory(removed);
  RewriteFile(removed / job.entry, std::to_string(ObjectsIn(*study)) + "\n");
  const fs::path going = removed / (job.entry + kGoing);
  if (!RenameIntoPlace(spool / job.entry, going)) return false;
  std::error_code later;
  fs::remove_all(going, later);
  LogJob(Severity::kInfo, "its objects were removed from the spool", job.id, "", {{"objects", ObjectsIn(*study)}});
  return true;
}

std::size_t RemovedObjects(const fs::path& spool, const std::string& name) {
  std::ifstream in(spool / kRemoved / name);
  std::size_t objects = 0;
  in >> objects;
  return objects;
}

std::size_t ObjectsIn(const StudySnapshot& study) {
  return static_cast<std::size_t>(std::count_if(study.files.begin(), study.files.end(),
                                                [](const FileStamp& file) { return file.path.ends_with(".dcm"); }));
}

}  // namespace dinsd
