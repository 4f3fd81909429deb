#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "daemon/intake/folder_scan.h"
#include "daemon/service/context.h"

namespace dinsd {

/// Removes received studies from the receiver's spool once their results are published and old enough
/// ([receiver] keep_objects_days). Never a study that is anything but `done`, has no published result, or holds other
/// files than those that were read; the receiver is kept out of a study's folder while it is looked at and goes. What
/// was there is kept as a number, in .removed/STUDY: a study that comes again later is only taken when as many objects
/// are there (RemovedObjects). Not thread-safe.
class SpoolCleaner {
 public:
  explicit SpoolCleaner(ServiceContext& context) : context_(context) {}

  /// Removes one study at most, so that nobody waits for long. Call it again and again; it looks through the spool at
  /// most once an hour where it finds nothing.
  void Clean();

 private:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool IsRemovable(const Job& job) const;
  [[nodiscard]] bool Remove(const Job& job) const;

  ServiceContext& context_;
  Clock::time_point due_ = Clock::now();
};

/// How many objects the study `name` of the spool had when it was removed; 0 where it never was.
[[nodiscard]] std::size_t RemovedObjects(const std::filesystem::path& spool, const std::string& name);

/// DICOM objects in a study of the spool.
[[nodiscard]] std::size_t ObjectsIn(const StudySnapshot& study);

}  // namespace dinsd
