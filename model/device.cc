#include "model/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <dlfcn.h>
#include <torch/headeronly/version.h>

#include <charconv>
#include <stdexcept>

namespace dinsd {
namespace {

// Empty when CUDA can be used, else why it cannot.
std::string LoadCuda() {
  void* driver = ::dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (driver == nullptr) return "no NVIDIA driver on this machine";
  if (::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    const char* why = ::dlerror();
    return std::string("LibTorch's CUDA libraries cannot be loaded: ") + (why != nullptr ? why : "unknown reason");
  }
  return at::globalContext().hasCUDA() ? "" : "the driver shows no CUDA device";
}

int CudaIndex(const std::string& wanted) {
  constexpr std::string_view kPrefix = "cuda:";
  int index = -1;
  if (wanted.starts_with(kPrefix)) {
    const char* begin = wanted.data() + kPrefix.size();
    const char* end = wanted.data() + wanted.size();
    if (const auto [at, error] = std::from_chars(begin, end, index); error != std::errc() || at != end) index = -1;
  }
  if (index < 0) throw std::invalid_argument("device '" + wanted + "' is not auto, cpu or cuda:N");
  return index;
}

}  // namespace

ChosenDevice ChooseDevice(const std::string& wanted) {
  if (wanted == "cpu") return {"cpu", "asked for"};
  const int index = wanted == "auto" ? 0 : CudaIndex(wanted);
  const std::string problem = LoadCuda();
  if (problem.empty()) return {"cuda:" + std::to_string(index), wanted == "auto" ? "first CUDA device" : "asked for"};
  if (wanted == "auto") return {"cpu", problem};
  throw std::runtime_error("device " + wanted + ": " + problem);
}

std::string TorchVersion() {
  return TORCH_VERSION;
}

void SetNetworkThreads(int threads) {
  if (threads > 0) at::set_num_threads(threads);
}

}  // namespace dinsd
