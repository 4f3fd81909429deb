#pragma once

#include <cmath>
#include <cstdint>

namespace dinsd {

/// Random numbers that are a function of (seed, stream, position) alone: a training that resumes at step n draws what
/// an uninterrupted one would have drawn. SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t stream) : state_(Mix(seed ^ Mix(stream + 0x9E3779B97F4A7C15ULL))) {}

  std::uint64_t Next() { return Mix(state_ += 0x9E3779B97F4A7C15ULL); }

  /// Uniform in [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

  double Uniform(double low, double high) { return low + (high - low) * Unit(); }

  /// Uniform in low .. high, both included.
  std::int64_t Between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(Next() % static_cast<std::uint64_t>(high - low + 1));
  }

  /// Normal with mean 0 and standard deviation 1 (Box and Muller).
  double Normal() {
    const double radius = std::sqrt(-2 * std::log(1 - Unit()));
    return radius * std::cos(2 * M_PI * Unit());
  }

 private:
  static std::uint64_t Mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace dinsd
