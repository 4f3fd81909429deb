#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/settings.h"

namespace dinsd {

/// Everything that is wrong with a configuration file, each as `file:line: sentence`; what() has them a line each.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<std::string> faults);

  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

 private:
  std::vector<std::string> faults_;
};

/// Reads dinsd.toml. Unknown keys, values of another type or out of range, and settings that contradict each other are
/// all found before anything is refused. Relative paths are relative to the file's folder. Throws ConfigError.
[[nodiscard]] Settings LoadSettings(const std::filesystem::path& file);

/// The text of config/dinsd.example.toml, written from the same table that checks a file: every key with what it is
/// for, its unit, range and default.
[[nodiscard]] std::string ExampleSettings();

}  // namespace dinsd
