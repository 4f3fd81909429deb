#include "daemon/evaluate/for_each_parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace dinsd {
namespace {

// What the threads share.
struct Shared {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> has_failed{false};
  std::mutex mutex;
  std::size_t failed_at = 0;  // under mutex, as is `error`
  std::exception_ptr error;

  void Fail(std::size_t at) {
    const std::lock_guard lock(mutex);
    if (!error || at < failed_at) {
      failed_at = at;
      error = std::current_exception();
    }
    has_failed = true;
  }
};

void Work(Shared& shared, std::size_t count, const std::function<void(std::size_t)>& work) {
  while (!shared.has_failed) {
    const std::size_t at = shared.next++;
    if (at >= count) return;
    try {
      work(at);
    } catch (...) {
      shared.Fail(at);
    }
  }
}

}  // namespace

void ForEachParallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work) {
  Shared shared;
  const auto helpers = std::min<std::size_t>(count, static_cast<std::size_t>(std::max(threads, 1)));
  {
    std::vector<std::jthread> running;
    for (std::size_t i = 1; i < helpers; ++i) running.emplace_back([&] { Work(shared, count, work); });
    Work(shared, count, work);
  }
  if (shared.error) std::rethrow_exception(shared.error);
}

}  // namespace dinsd
