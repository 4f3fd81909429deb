#pragma once

#include <cstddef>
#include <functional>

namespace dinsd {

/// Calls work(0) ... work(count - 1), each once, on up to `threads` threads (at least one; the caller waits). The order
/// is not fixed: what a call does may not depend on another. When a call throws, no further one is begun, and the
/// exception of the lowest number that threw is thrown again.
void ForEachParallel(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

}  // namespace dinsd
