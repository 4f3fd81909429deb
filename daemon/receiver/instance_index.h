#pragma once

#include <optional>
#include <string>

#include "daemon/process/unique_fd.h"

namespace dinsd {

/// Which study of the spool each instance came in, also after a restart: the folder .instances of the spool, in which a
/// link named by the digest of a SOPInstanceUID leads to its object. Several receivers may share it. Thread-safe.
class InstanceIndex {
 public:
  /// `spool` must outlive this. Removes the links of objects that are gone. Throws std::system_error.
  explicit InstanceIndex(int spool);

  /// To be called before the object `path` (STUDY/PATIENT/OBJECT) gets its name. Returns the path of an object of
  /// another study that bears the same instance, if there is one, or one was announced a moment ago and may be about to
  /// get its name. Throws std::system_error.
  [[nodiscard]] std::optional<std::string> Add(const std::string& instance, const std::string& path);

 private:
  void RemoveDangling();
  [[nodiscard]] std::string TargetOf(const std::string& instance) const;
  [[nodiscard]] bool IsThere(const std::string& instance) const;
  void Replace(const std::string& instance, const std::string& path);

  UniqueFd folder_;
};

}  // namespace dinsd
