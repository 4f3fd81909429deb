#pragma once

#include <stdexcept>

#include "model/segmenter.h"

namespace dinsd {

/// A device that does not compute what it should.
class SelfTestError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Two runs over the same tiny input may differ by as much: atomics of a GPU sum in any order.
inline constexpr float kSelfTestTolerance = 1e-4F;

/// Runs a tiny known volume with a click of each sign twice. Throws SelfTestError unless every probability is finite,
/// in [0, 1] and the same both times within kSelfTestTolerance.
void RunSelfTest(Segmenter& segmenter);

}  // namespace dinsd
