#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace dinsd {

/// What becomes of a job whose input cannot be used.
enum class InputVerdict {
  kRejected,      // this input can never work
  kQuarantined,   // identity conflict: a person must look
  kNeedsPrompts,  // images are fine, the prompts were refused or are missing
};

/// A refusal of one input: a stable name such as MISSING_SLICE, the file and field at fault, and a sentence with
/// figures. `file` is a path relative to the study folder; the message holds no patient data.
class InputError : public std::runtime_error {
 public:
  InputError(std::string code, std::string file, std::string field, const std::string& sentence,
             InputVerdict verdict = InputVerdict::kRejected)
      : std::runtime_error(code + ": " + file + (field.empty() ? "" : " [" + field + "]") + ": " + sentence),
        code_(std::move(code)),
        file_(std::move(file)),
        field_(std::move(field)),
        sentence_(sentence),
        verdict_(verdict) {}

  [[nodiscard]] const std::string& code() const { return code_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& field() const { return field_; }
  [[nodiscard]] const std::string& sentence() const { return sentence_; }
  [[nodiscard]] InputVerdict verdict() const { return verdict_; }

 private:
  std::string code_;
  std::string file_;
  std::string field_;
  std::string sentence_;
  InputVerdict verdict_;
};

}  // namespace dinsd
