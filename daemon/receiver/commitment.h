#pragma once

#include <dcmtk/dcmdata/dcdatset.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/messages/sender_messages.h"

namespace dinsd {

// Storage commitment, push model (DICOM PS3.4 J.3).

/// SOP class and instance of an object.
struct ObjectUids {
  std::string sop_class;
  std::string sop_instance;
};

/// The data set of an N-ACTION request for commitment.
[[nodiscard]] DcmDataset CommitmentRequest(const std::string& transaction_uid, const std::vector<ObjectUids>& objects);

/// What the data set of an N-EVENT-REPORT says; nothing without a proper TransactionUID. An instance that it lists as
/// failed as well is not kept.
[[nodiscard]] std::optional<CommitmentReport> ReportOf(DcmDataset& data_set);

/// The same of its bytes, which come from a stranger, in implicit or explicit VR little endian: they are looked at by
/// the pre-scan before DCMTK parses them.
[[nodiscard]] std::optional<CommitmentReport> ReportOfBytes(const std::string& bytes,
                                                            const std::string& transfer_syntax);

}  // namespace dinsd
