#include "daemon/receiver/note.h"

#include <mutex>

namespace dinsd {

void Note(Severity severity, const std::string& event, const nlohmann::json& fields) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  Log(severity, event, fields);
}

}  // namespace dinsd
