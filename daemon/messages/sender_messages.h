#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/messages/peer_address.h"
#include "storage/outbox.h"

namespace dinsd {

/// One file of a result that a destination takes.
struct OutgoingFile {
  std::string name;    // in the result folder
  std::string sha256;  // as it was published

  friend bool operator==(const OutgoingFile&, const OutgoingFile&) = default;
};

/// How a destination is asked whether it has what it took.
enum class ConfirmBy {
  kCommitment,
  kQuery,
  kEither,  // a commitment; where it takes no requests for that, a query
};

/// What the sender is told: one result for one DICOM peer.
struct SendOrder {
  OutboxKey key;
  std::int64_t attempt = 0;
  PeerAddress peer;
  bool is_stored = false;       // it has the objects: only ask whether it keeps them
  std::string transaction_uid;  // of that question; empty = it is not asked
  ConfirmBy confirm_by = ConfirmBy::kCommitment;
  std::vector<OutgoingFile> files;  // file i lies beside the order as <i>.dcm

  friend bool operator==(const SendOrder&, const SendOrder&) = default;
};

/// The name by which an attempt goes in the spool: letters, digits, _ and -.
[[nodiscard]] std::string OrderName(const OutboxKey& key, std::int64_t attempt);

[[nodiscard]] std::string SendOrderText(const SendOrder& order);

/// Throws MessageError.
[[nodiscard]] SendOrder ParseSendOrder(const std::string& text);

/// What became of an order.
struct SendAnswer {
  OutboxKey key;
  std::int64_t attempt = 0;
  SendEnd end = SendEnd::kHandedBack;
  Reason reason;                      // code and sentence; neither has anything of an object
  std::vector<OutboxObject> objects;  // as far as they were read
};

[[nodiscard]] std::string SendAnswerText(const SendAnswer& answer);

/// Throws MessageError.
[[nodiscard]] SendAnswer ParseSendAnswer(const std::string& text);

/// A peer's report on a storage commitment (DICOM PS3.4 J.3.3), or what it answered to queries instead.
struct CommitmentReport {
  std::string transaction_uid;
  std::vector<std::string> kept;  // SOP instances that it commits itself to, or has
  bool is_by_query = false;

  friend bool operator==(const CommitmentReport&, const CommitmentReport&) = default;
};

[[nodiscard]] std::string CommitmentReportText(const CommitmentReport& report);

/// Throws MessageError.
[[nodiscard]] CommitmentReport ParseCommitmentReport(const std::string& text);

}  // namespace dinsd
