#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace dinsd {

/// A folder of registrations that were made before, by RegistrationKey.
struct RegistrationCache {
  std::filesystem::path folder;  // empty: none is kept
  std::uint64_t bytes = 0;       // that it may hold: those that were not used for longest go; 0: none is kept
  std::function<void(const std::string& sentence)> warn = {};  // is told what is wrong with it

  [[nodiscard]] bool IsThere() const { return !folder.empty() && bytes > 0; }
};

/// How registrations are made within a service.
struct RegistrationUse {
  double time_limit_seconds = 600;  // of each station; 0 = none
  RegistrationCache cache;
};

}  // namespace dinsd
