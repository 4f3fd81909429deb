#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/messages/problem.h"
#include "pipeline/import/import_options.h"
#include "pipeline/read/study.h"

namespace dinsd {

/// What the parent asks of a reader; the descriptor of the folder travels with the message.
struct ReaderRequest {
  std::string name;                // of the study, as it lies in its folder
  std::vector<std::string> files;  // relative to the folder
  StudyReadOptions options;
  ImportOptions import;
};

/// That the clicks beside a study are a person's review of proposed ones.
struct ReviewAnswer {
  std::string proposal;      // as it names what it answers: a SHA-256, or whatever stands there
  bool is_rejected = false;  // nothing of it is right
  std::string who, when, remark;
};

/// What a reader found out about one study. A study with a problem of its own may be absent.
struct ReaderAnswer {
  std::optional<InspectedStudy> study;
  std::optional<Problem> problem;  // of the study or of its chosen image
  std::string prompts_file;        // empty: there are none
  std::string prompts_sha256;
  std::optional<Problem> prompts_problem;
  std::optional<ReviewAnswer> review = {};
  std::vector<std::string> prior_objects;    // that lesions of the prompts name in place of clicks (PriorObjectsOf)
  std::string mask_sha256;                   // without clicks: of the mask that others made (FindMask); empty: none
  std::optional<Problem> mask_problem;       // likewise: why one that there is cannot be taken
  std::vector<std::string> masks_not_taken;  // "FILE: why"
};

// Either side's form of the messages. Parse... throw MessageError for whatever does not keep to the protocol: unknown,
// missing or oversized fields, digests that are none.

[[nodiscard]] std::string ReaderRequestText(const ReaderRequest& request);
[[nodiscard]] ReaderRequest ParseReaderRequest(const std::string& text);

[[nodiscard]] std::string ReaderAnswerText(const ReaderAnswer& answer);
[[nodiscard]] ReaderAnswer ParseReaderAnswer(const std::string& text);

}  // namespace dinsd
