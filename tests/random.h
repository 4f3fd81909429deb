#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace dinsd {

/// Random numbers of a test; a failure prints the seed.
class TestRandom {
 public:
  explicit TestRandom(unsigned seed)
      : trace_(__FILE__, __LINE__, testing::Message() << "seed " << seed), engine_(seed) {}

  /// Uniform in 0 .. n-1.
  std::int64_t Below(std::int64_t n) { return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n)); }

  /// Uniform in [0, 1).
  double Unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }

 private:
  testing::ScopedTrace trace_;
  std::mt19937_64 engine_;
};

}  // namespace dinsd
