#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/messages/peer_address.h"
#include "storage/job_records.h"

namespace dinsd {

/// What the sender is asked: how many instances of a study a DICOM peer has.
struct CountQuestion {
  std::string destination;  // its name, for the log
  PeerAddress peer;
  std::string study_uid;

  friend bool operator==(const CountQuestion&, const CountQuestion&) = default;
};

[[nodiscard]] std::string CountQuestionText(const CountQuestion& question);

/// Throws MessageError.
[[nodiscard]] CountQuestion ParseCountQuestion(const std::string& text);

/// What became of such a question.
struct CountAnswer {
  std::optional<std::int64_t> instances;
  Reason reason;  // why there is no number: code and sentence; neither has anything of the study
};

[[nodiscard]] std::string CountAnswerText(const CountAnswer& answer);

/// Throws MessageError.
[[nodiscard]] CountAnswer ParseCountAnswer(const std::string& text);

}  // namespace dinsd
