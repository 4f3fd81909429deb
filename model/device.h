#pragma once

#include <string>

namespace dinsd {

/// The device that a network runs on and why, for the log.
struct ChosenDevice {
  std::string name;    // "cpu" or "cuda:N"
  std::string reason;  // "no NVIDIA driver", "asked for", ...
};

/// Turns "auto", "cpu" or "cuda:N" into a device. For anything but "cpu" LibTorch's CUDA library is loaded first, which
/// registers its kernels: this must be the first thing that a process does with LibTorch, since it keeps what it finds
/// at the first question about CUDA. "auto" falls back to the CPU and says why; "cuda:N" that cannot be had throws
/// std::runtime_error with the reason, and an unknown word std::invalid_argument.
[[nodiscard]] ChosenDevice ChooseDevice(const std::string& wanted);

/// Version of the LibTorch that this program was built against, such as "2.11.0+cu130".
[[nodiscard]] std::string TorchVersion();

/// Threads that one forward pass may use; 0 leaves the default.
void SetNetworkThreads(int threads);

}  // namespace dinsd
