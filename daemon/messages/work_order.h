#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "daemon/messages/worker_messages.h"

namespace dinsd {

/// The result that a study is followed from whose clicks are missing, or name objects of that result: clicks are
/// proposed inside of its lesions.
struct PriorOrder {
  std::int64_t job = 0;
  std::int64_t revision = 0;
  std::string result_sha256;  // of its result.json

  friend bool operator==(const PriorOrder&, const PriorOrder&) = default;
};

/// The preliminary result whose clicks a study's clicks are a review of, and its prior as it is measured now.
struct ProposalOrder {
  PriorOrder result;
  std::optional<PriorOrder> prior;  // nothing: none, or not there any more

  friend bool operator==(const ProposalOrder&, const ProposalOrder&) = default;
};

/// What the queue keeps of a study between its inspection and its run: the text of a job's work order. What a worker
/// brings back must match its digests.
struct StudyOrder {
  InspectedStudy study;
  std::string inputs_sha256;
  std::string prompts_sha256;  // empty: there are none, and `prior` or `import` is set; `prior` may be set with it
  WeightsFile weights;         // empty where `import` is set
  StudyReadOptions read;
  SegmentOptions options;
  DicomOutputOptions objects;  // ObjectsFor the study
  std::optional<PriorOrder> prior;
  std::optional<ProposalOrder> proposal;
  std::optional<ImportOrder> import;
};

[[nodiscard]] std::string StudyOrderText(const StudyOrder& order);

/// Throws MessageError.
[[nodiscard]] StudyOrder ParseStudyOrder(const std::string& text);

}  // namespace dinsd
