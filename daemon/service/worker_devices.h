#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace dinsd {

/// One entry per worker to start: `devices` as configured, with "auto" as one worker per NVIDIA device of this machine
/// (a single one on the CPU where there is none). Devices are counted by their nodes in `dev`, since the parent never
/// asks CUDA; the first "auto" worker may still fall back to the CPU when it finds that CUDA cannot be used.
[[nodiscard]] std::vector<std::string> WorkerDevices(const std::vector<std::string>& devices,
                                                     const std::filesystem::path& dev = "/dev");

}  // namespace dinsd
