#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace dinsd {

/// Weights or a checkpoint that cannot be used: a stable name (WEIGHTS_SHAPE, ...), the file, the tensor or field at
/// fault, and a sentence.
class WeightsError : public std::runtime_error {
 public:
  WeightsError(std::string code, const std::string& file, const std::string& at_fault, const std::string& sentence)
      : std::runtime_error(code + ": " + file + (at_fault.empty() ? "" : " [" + at_fault + "]") + ": " + sentence),
        code_(std::move(code)) {}

  [[nodiscard]] const std::string& code() const { return code_; }

 private:
  std::string code_;
};

}  // namespace dinsd
