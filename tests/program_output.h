#pragma once

#include <array>
#include <cstdio>
#include <string>

namespace dinsd {

/// What a program prints, its standard error included; empty where it cannot be started.
inline std::string OutputOf(const std::string& command) {
  std::string output;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), static_cast<int>(line.size()), pipe) != nullptr) output += line.data();
  ::pclose(pipe);
  return output;
}

}  // namespace dinsd
