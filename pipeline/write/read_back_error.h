#pragma once

#include <stdexcept>

namespace dinsd {

/// A file of a result that does not say what was to be written: the result must not leave.
class ReadBackError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr const char* kReadBackCode = "READ_BACK_DIFFERS";

}  // namespace dinsd
