#pragma once

#include <string>

#include "daemon/messages/worker_messages.h"

namespace dinsd {

/// What the queue keeps of a study between its inspection and its run: the text of a job's work order. What a worker
/// brings back must match its digests.
struct StudyOrder {
  InspectedStudy study;
  std::string inputs_sha256;
  std::string prompts_sha256;
  WeightsFile weights;
  StudyReadOptions read;
  SegmentOptions options;
  DicomOutputOptions objects;  // ObjectsFor the study
};

[[nodiscard]] std::string StudyOrderText(const StudyOrder& order);

/// Throws MessageError.
[[nodiscard]] StudyOrder ParseStudyOrder(const std::string& text);

}  // namespace dinsd
