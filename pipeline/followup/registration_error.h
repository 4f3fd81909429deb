#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace dinsd {

/// A registration that has no result, with a stable name: REG_NO_BODY (an image without one), REG_NO_OVERLAP (the two
/// have too little in common to compare), REG_TIME_LIMIT, REG_STOPPED (the caller said so), REG_FAILED (what ITK said).
class RegistrationError : public std::runtime_error {
 public:
  RegistrationError(std::string code, const std::string& sentence)
      : std::runtime_error(code + ": " + sentence), code_(std::move(code)) {}

  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  std::string code_;
};

}  // namespace dinsd
