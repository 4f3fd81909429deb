#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/read/input_error.h"

namespace dinsd {

/// An InputError on its way from a child to the parent. `sentence` may hold file names: it goes into the queue, where a
/// person looks it up, and never into the log.
struct Problem {
  std::string code;
  std::string file;
  std::string field;
  std::string sentence;
  InputVerdict verdict = InputVerdict::kRejected;

  friend bool operator==(const Problem&, const Problem&) = default;
};

[[nodiscard]] Problem ProblemOf(const InputError& error);
[[nodiscard]] nlohmann::json ProblemToJson(const Problem& problem);

/// Throws MessageError. Unreasonably long texts are cut, since a file may put anything into them.
[[nodiscard]] Problem ProblemFromJson(const nlohmann::json& json);

}  // namespace dinsd
